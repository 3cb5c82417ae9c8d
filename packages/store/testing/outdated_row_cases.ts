import { emptyRow, type LookupOutcome, MS_PER_DAY, type SourceAnswer, updateFrom } from "@ipcascade/core";
import { assert, assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import type { SqlClient } from "../sql_client.ts";
import { findMiscounts } from "./recount.ts";
import { INSTALLED, MAXMIND, open, QUERY } from "./refresh_rows.ts";
import { maxmindRow, NOON } from "./rows.ts";

/** Which rows are read from MaxMind again. */
export const OUTDATED_ROW_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name:
      "readOutdated() takes rows of older, newer and no builds, each once, and failed ones when they are due",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const current = { ...INSTALLED };
      const failed = { outcome: "failed" as const, attemptedAt: NOON - 1, failures: 1 };
      const withFailure = (ip: string, retryAt: number) => {
        const row = { ...maxmindRow(ip, 64_500), ...current };
        return { ...row, attempts: { ...row.attempts, maxmind: { ...failed, retryAt } } };
      };
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        maxmindRow("192.0.2.2", 64_500),
        { ...maxmindRow("192.0.2.3", 64_500), ...current },
        { ...maxmindRow("192.0.2.4", 64_500), cityBuildEpoch: 1_797_000_000, asnBuildEpoch: 1_797_000_001 },
        { ...maxmindRow("192.0.2.5", 64_500), ...current, asnBuildEpoch: null },
        withFailure("192.0.2.6", NOON - 1),
        withFailure("192.0.2.7", NOON + 1),
      ]);
      // A spelling that nobody here writes.
      await sql.query("insert into ip_inventory (ip_address) values ('::ffff:192.0.2.99')");
      assertEquals(await store.countOutdated(INSTALLED, QUERY), 5);
      const read: string[] = [];
      let after: string | null = null;
      let pages = 0;
      do {
        const page: { read: number; next: string | null } = await store.readOutdated(
          INSTALLED,
          QUERY,
          { after, limit: 2 },
          (rows) =>
            rows.map(({ ipAddress, failures }) => {
              read.push(ipAddress);
              const outcome: LookupOutcome<SourceAnswer> = ipAddress === "192.0.2.2"
                ? { status: "failed", failure: { reason: "corrupt", message: "damaged" }, durationMs: 1 }
                : { status: "hit", data: MAXMIND, durationMs: 1 };
              return updateFrom(ipAddress, failures, outcome, { now: NOON, random: () => 0, onMiss: null });
            }),
        );
        after = page.next;
        assert(++pages < 10, "it does not end");
      } while (after !== null);
      assertEquals(read.sort(), ["192.0.2.1", "192.0.2.2", "192.0.2.4", "192.0.2.5", "192.0.2.6"]);
      const rows = await inventory.findMany(read);
      const broken = rows.get("192.0.2.2")!;
      assertEquals(
        [broken.asnNumber, broken.cityBuildEpoch],
        [64_500, 1_795_000_000],
        "its older answer stays",
      );
      assertEquals(rows.get("192.0.2.6")!.asnNumber, 64_999);
      assertEquals(await store.countOutdated(INSTALLED, QUERY), 0, "the failed one waits");
      assertEquals(await store.countOutdated(INSTALLED, { ...QUERY, now: NOON + MS_PER_DAY }), 2);
      const [moved] = await sql.query<{ count: number }>(
        "select count(*)::int as count from ip_asn_history where asn_number = 64500 and valid_to is not null",
      );
      assertEquals(moved!.count, 3, "an address that moves leaves its trace");
      assertEquals(await findMiscounts(sql), [], "the counters are those of a recount");
    },
  },
];
