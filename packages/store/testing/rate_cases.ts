import { assertEquals, assertGreater } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { createSqlRateLedger } from "../rate_ledger.ts";
import type { SqlClient } from "../sql_client.ts";

/** What the rate ledger does in SQL in particular. */
export const RATE_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "takeSlots() gives no slot to two of 200 calls that come at once",
    run: async (sql) => {
      const ledger = createSqlRateLedger(sql);
      await setNextAt(sql, "1 minute");
      const before = await readNextAt(sql);
      await Promise.all(
        Array.from({ length: 200 }, () => ledger.takeSlots("greynoise", 1, { intervalMs: 1_000 })),
      );
      assertEquals(await readNextAt(sql) - before, 200_000);
    },
  },
  {
    name: "takeSlots() does not wait for slots that a clock which was set back left in the future",
    run: async (sql) => {
      const ledger = createSqlRateLedger(sql);
      await setNextAt(sql, "4 minutes");
      assertGreater((await ledger.takeSlots("greynoise", 1, { intervalMs: 100 })).startInMs, 200_000);
      await setNextAt(sql, "1 hour");
      assertEquals((await ledger.takeSlots("greynoise", 1, { intervalMs: 60_000 })).startInMs, 0);
      assertGreater((await ledger.takeSlots("greynoise", 1, { intervalMs: 60_000 })).startInMs, 0);
    },
  },
];

/** Makes the next slot of GreyNoise one that is so far ahead. */
export async function setNextAt(sql: SqlClient, ahead: string): Promise<void> {
  await sql.query(
    `insert into source_rate (name, next_at) values ('greynoise', clock_timestamp() + $1::text::interval)
    on conflict (name) do update set next_at = excluded.next_at`,
    [ahead],
  );
}

/** The next slot of GreyNoise, in milliseconds since 1970. */
export async function readNextAt(sql: SqlClient): Promise<number> {
  const [row] = await sql.query<{ ms: number }>(
    "select (date_part('epoch', next_at) * 1000)::float8 as ms from source_rate where name = 'greynoise'",
  );
  return Math.round(row!.ms);
}
