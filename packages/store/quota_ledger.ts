import {
  type QuotaClosing,
  type QuotaGrant,
  type QuotaLedger,
  type QuotaStatus,
  type ReserveOptions,
  shareOfLimit,
} from "@ipcascade/core";
import { writeAudit } from "./_quota_audit.ts";
import {
  lockSource,
  PRESENT,
  presentParams,
  questionOf,
  type QuotaQuestion,
  readStatus,
  type SqlQuotaOptions,
  writePolicy,
} from "./_quota_status.ts";
import { roundMs } from "./_instants.ts";
import type { SqlClient } from "./sql_client.ts";

/** The quota ledger in SQL. Its methods throw `TypeError` for a source without policy. */
export function createSqlQuotaLedger({ sql, policies }: SqlQuotaOptions): QuotaLedger {
  return {
    reserve: async (source, count, now, options = {}) =>
      await reserve(sql, questionOf(policies, source, now), { ...options, count }),
    release: (grant, unsent) => release(sql, grant, unsent),
    close: async (source, closing) => await close(sql, questionOf(policies, source, closing.now), closing),
    read: async (source, now) => await readStatus(sql, questionOf(policies, source, now)),
  };
}

/** The counter's ceiling for the caller, as `shareOfLimit` has it. */
const ceilingOf = (limit: string) =>
  `coalesce(floor(round(${limit} * $12::text::numeric, 6))::bigint, ${limit})`;

const IS_CLOSED = "l.closed_until > to_timestamp($4::float8 / 1000)";
const GRANTED = `case when ${IS_CLOSED} then 0
      else greatest(0, least(excluded.last_grant, ${ceilingOf("excluded.quota_limit")} - l.used)) end`;
const IS_FIRST = `l.first_used_at is null and ${GRANTED} > 0`;

// One statement, so that two processes can't both take the last unit: whoever comes second finds the row as the
// first left it. The row that comes back tells in `last_grant` what this statement took.
const RESERVE = `with ${PRESENT}, written as (
    insert into quota_ledger as l (source, starts_at, ends_at, quota_limit, used, last_grant, first_used_at)
    select p.source, p.starts_at, p.ends_at, p.quota_limit, g.granted, g.granted,
      case when g.granted > 0 then p.now end
    from present p cross join lateral (
      select case when p.closed_until is null then least($11::bigint, ${ceilingOf("p.quota_limit")})
        else 0 end as granted
    ) g
    on conflict (source, starts_at, ends_at) do update set
      quota_limit = case when ${IS_CLOSED} then l.quota_limit else excluded.quota_limit end,
      used = l.used + ${GRANTED},
      used_before = case when ${IS_FIRST} then l.used else l.used_before end,
      first_used_at = case when ${IS_FIRST} then excluded.first_used_at else l.first_used_at end,
      last_grant = ${GRANTED},
      updated_at = now()
    returning l.used, l.last_grant, l.counting, case when ${IS_CLOSED} then l.closed_until end as closed_until
  )
  select p.quota_limit::float8 as quota_limit,
    date_part('epoch', p.starts_at) * 1000 as starts_ms, date_part('epoch', p.ends_at) * 1000 as ends_ms,
    date_part('epoch', greatest(p.closed_until, w.closed_until)) * 1000 as closed_ms,
    w.used::float8 as used, w.last_grant::float8 as granted, w.counting::int as counting
  from present p cross join written w`;

interface ReservedRow {
  readonly quota_limit: number;
  readonly starts_ms: number;
  readonly ends_ms: number;
  readonly closed_ms: number | null;
  readonly used: number;
  readonly granted: number;
  readonly counting: number;
}

async function reserve(
  sql: SqlClient,
  question: QuotaQuestion,
  { count, share }: ReserveOptions & { readonly count: number },
): Promise<QuotaGrant> {
  const { source } = question;
  const problem = findProblem(count, share);
  if (problem !== null) throw new RangeError(`Cannot reserve ${count} requests to "${source}": ${problem}`);
  const params = [...presentParams(question), count, share === undefined ? null : String(share)];
  const rows = await sql.query<ReservedRow>(RESERVE, params);
  const { granted, counting, ...row } = rows[0]!;
  const window = { startsAt: Math.round(row.starts_ms), endsAt: Math.round(row.ends_ms) };
  const closedUntil = roundMs(row.closed_ms);
  const ceiling = share === undefined ? row.quota_limit : shareOfLimit(row.quota_limit, share);
  const until = row.used < ceiling ? closedUntil : Math.max(window.endsAt, closedUntil ?? 0);
  return { source, granted, window, until, counting };
}

function findProblem(count: number, share: number | undefined): string | null {
  if (!Number.isInteger(count) || count < 1) return "it must be a whole number above 0";
  if (share !== undefined && !(share >= 0 && share <= 1)) return `a share is 0 to 1, not ${share}`;
  return null;
}

async function release(sql: SqlClient, grant: QuotaGrant, unsent: number): Promise<void> {
  const { source, granted, window, counting } = grant;
  if (!Number.isInteger(unsent) || unsent < 0 || unsent > granted) {
    throw new RangeError(`Cannot give back ${unsent} requests to "${source}": ${granted} were granted`);
  }
  if (unsent === 0) return;
  // A counter that was set meanwhile holds nothing of the grant.
  await sql.query(
    `update quota_ledger set used = greatest(0, used - $4::bigint), updated_at = now()
    where source = $1::text and starts_at = to_timestamp($2::float8 / 1000)
      and ends_at = to_timestamp($3::float8 / 1000) and counting = $5::int`,
    [source, window.startsAt, window.endsAt, unsent, counting],
    // Where the answer got lost nobody knows whether they are back: then they stay spent.
    { isRepeatable: false },
  );
}

async function close(sql: SqlClient, question: QuotaQuestion, closing: QuotaClosing): Promise<QuotaStatus> {
  return await sql.transaction(async (tx) => {
    const { source, now } = question;
    await lockSource(tx, source);
    const before = await readStatus(tx, question);
    if (closing.learned !== null) await writePolicy(tx, question, { ...closing.learned, from: "provider" });
    const { policy, window } = await readStatus(tx, question);
    const closedUntil = Math.max(window.endsAt, closing.retryAt ?? 0);
    // The counter keeps to what was really sent, in this window or in shorter ones within it: the closing alone says
    // that there is no more.
    await tx.query(
      `insert into quota_ledger as l (source, starts_at, ends_at, quota_limit, used, closed_until)
      values ($1::text, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4::bigint,
        (select coalesce(sum(s.used), 0) from quota_ledger s where s.source = $1::text
          and s.starts_at >= to_timestamp($2::float8 / 1000) and s.ends_at <= to_timestamp($3::float8 / 1000)),
        to_timestamp($5::float8 / 1000))
      on conflict (source, starts_at, ends_at) do update set
        quota_limit = excluded.quota_limit,
        closed_until = greatest(l.closed_until, excluded.closed_until),
        updated_at = now()`,
      [source, window.startsAt, window.endsAt, policy.limit, closedUntil],
    );
    const after = await readStatus(tx, question);
    // Requests in flight are refused together: one closing is worth one line.
    if (JSON.stringify(before) !== JSON.stringify(after)) {
      await writeAudit(tx, {
        action: "closed",
        actor: "provider",
        reason: closing.reason,
        before,
        after,
        now,
      });
    }
    return after;
  });
}
