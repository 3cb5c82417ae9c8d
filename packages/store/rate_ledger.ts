import type { RateLedger, RateName, SlotLease } from "@ipcascade/core";
import type { SqlClient } from "./sql_client.ts";

/** The rate ledger in SQL, by the database's clock. */
export function createSqlRateLedger(sql: SqlClient): RateLedger {
  return { takeSlots: (name, count, { intervalMs }) => takeSlots(sql, name, { count, intervalMs }) };
}

const LENGTH = "$2::int * $3::float8 * interval '1 millisecond'";

// One statement, so that no two processes get the same slot: whoever comes second finds the row as the first left it,
// and looks at the clock only then. Slots so far ahead that no queue explains them are those of a clock that was set
// back since.
const TAKE = `insert into source_rate as r (name, next_at)
  values ($1::text, clock_timestamp() + ${LENGTH})
  on conflict (name) do update set next_at = ${LENGTH} + case
    when r.next_at > clock_timestamp() + interval '5 minutes' then clock_timestamp()
    else greatest(r.next_at, clock_timestamp()) end
  returning (date_part('epoch', r.next_at - ${LENGTH} - clock_timestamp()) * 1000)::float8 as start_in_ms`;

async function takeSlots(
  sql: SqlClient,
  name: RateName,
  slots: { readonly count: number; readonly intervalMs: number },
): Promise<SlotLease> {
  const { count, intervalMs } = slots;
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(`Cannot take ${count} slots of "${name}": it must be a whole number above 0`);
  }
  if (!(intervalMs > 0) || intervalMs === Infinity) {
    throw new RangeError(`Cannot take slots of "${name}" every ${intervalMs} ms: it must be more than 0`);
  }
  const [row] = await sql.query<{ start_in_ms: number }>(TAKE, [name, count, intervalMs]);
  return { count, startInMs: Math.max(0, row!.start_in_ms) };
}
