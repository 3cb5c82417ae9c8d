import {
  type QuotaClosing,
  type QuotaGrant,
  type QuotaLedger,
  type QuotaPeriod,
  type QuotaPolicy,
  type QuotaStatus,
  quotaWindow,
  type SourceName,
} from "@ipcascade/core";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** What a quota ledger in SQL needs. */
export interface SqlQuotaLedgerOptions {
  /** A migrated database. */
  readonly sql: SqlClient;
  /** The configured policies. A policy that a provider's 429 taught wins over them. */
  readonly policies: Readonly<Partial<Record<SourceName, QuotaPolicy>>>;
}

/** The quota ledger in SQL. Its methods throw `TypeError` for a source without policy. */
export function createSqlQuotaLedger(options: SqlQuotaLedgerOptions): QuotaLedger {
  const { sql, policies } = options;
  return {
    reserve: async (source, count, now) =>
      await reserve(sql, { source, policy: policyOf(policies, source), now }, count),
    release: (grant, unsent) => release(sql, grant, unsent),
    close: async (source, closing) =>
      await close(sql, { source, policy: policyOf(policies, source), now: closing.now }, closing),
    read: async (source, now) => await read(sql, { source, policy: policyOf(policies, source), now }),
  };
}

/** Whose quota, by which configured policy, at which instant. */
interface QuotaQuestion {
  readonly source: SourceName;
  readonly policy: QuotaPolicy;
  readonly now: number;
}

const PERIODS: readonly QuotaPeriod[] = ["day", "week", "month"];

function policyOf(policies: SqlQuotaLedgerOptions["policies"], source: SourceName): QuotaPolicy {
  const policy = policies[source];
  if (policy === undefined) throw new TypeError(`Cannot count requests to "${source}": it has no quota`);
  return policy;
}

// The statement picks the window itself, so that the policy it goes by is the one of its own moment. `closing` covers
// every window of the source: a `Retry-After` may reach beyond the window it was said in.
const PRESENT = `given as (
    select $1::text as source, $2::float8 as quota_limit, $3::text as period,
      to_timestamp($4::float8 / 1000) as now
  ), policy as (
    select g.source, g.now, coalesce(s.learned_limit, g.quota_limit)::bigint as quota_limit,
      coalesce(s.learned_period, g.period) as period, s.learned_limit is not null as learned
    from given g left join source_state s on s.source = g.source
  ), present as (
    select p.*, to_timestamp(w.starts_ms / 1000) as starts_at, to_timestamp(w.ends_ms / 1000) as ends_at,
      (select max(l.closed_until) from quota_ledger l
        where l.source = p.source and l.closed_until > p.now) as closed_until
    from policy p join (values
      ('day', $5::float8, $6::float8), ('week', $7::float8, $8::float8), ('month', $9::float8, $10::float8)
    ) as w(period, starts_ms, ends_ms) on w.period = p.period
  )`;

function presentParams({ source, policy, now }: QuotaQuestion): (string | number)[] {
  const bounds = PERIODS.map((period) => quotaWindow(period, now)).flatMap((w) => [w.startsAt, w.endsAt]);
  return [source, policy.limit, policy.period, now, ...bounds];
}

interface StatusRow {
  readonly quota_limit: number;
  readonly period: QuotaPeriod;
  readonly learned: boolean;
  readonly starts_ms: number;
  readonly ends_ms: number;
  readonly used: number;
  readonly closed_ms: number | null;
}

const STATUS_COLUMNS = `p.quota_limit::float8 as quota_limit, p.period, p.learned,
  date_part('epoch', p.starts_at) * 1000 as starts_ms, date_part('epoch', p.ends_at) * 1000 as ends_ms,
  date_part('epoch', p.closed_until) * 1000 as closed_ms`;

function readStatus(source: SourceName, row: StatusRow): QuotaStatus {
  const policy = { limit: row.quota_limit, period: row.period };
  const window = { startsAt: Math.round(row.starts_ms), endsAt: Math.round(row.ends_ms) };
  const closedUntil = row.closed_ms === null ? null : Math.round(row.closed_ms);
  const remaining = closedUntil === null ? Math.max(0, policy.limit - row.used) : 0;
  return { source, policy, learned: row.learned, window, used: row.used, remaining, closedUntil };
}

const READ = `with ${PRESENT}
  select ${STATUS_COLUMNS}, coalesce(l.used, 0)::float8 as used
  from present p left join quota_ledger l
    on l.source = p.source and l.starts_at = p.starts_at and l.ends_at = p.ends_at`;

async function read(sql: SqlClient, question: QuotaQuestion): Promise<QuotaStatus> {
  const [row] = await sql.query<StatusRow>(READ, presentParams(question));
  return readStatus(question.source, row!);
}

const IS_CLOSED = "l.closed_until > to_timestamp($4::float8 / 1000)";
const GRANTED = `case when ${IS_CLOSED} then 0
      else greatest(0, least(excluded.last_grant, excluded.quota_limit - l.used)) end`;

// One statement, so that two processes can't both take the last unit: whoever comes second finds the row as the
// first left it. The row that comes back tells in `last_grant` what this statement took.
const RESERVE = `with ${PRESENT}, written as (
    insert into quota_ledger as l (source, starts_at, ends_at, quota_limit, used, last_grant)
    select p.source, p.starts_at, p.ends_at, p.quota_limit, g.granted, g.granted
    from present p cross join lateral (
      select case when p.closed_until is null then least($11::bigint, p.quota_limit) else 0 end as granted
    ) g
    on conflict (source, starts_at, ends_at) do update set
      quota_limit = case when ${IS_CLOSED} then l.quota_limit else excluded.quota_limit end,
      used = l.used + ${GRANTED},
      last_grant = ${GRANTED},
      updated_at = now()
    returning l.used, l.last_grant, case when ${IS_CLOSED} then l.closed_until end as closed_until
  )
  select ${STATUS_COLUMNS.replaceAll("p.closed_until", "greatest(p.closed_until, w.closed_until)")},
    w.used::float8 as used, w.last_grant::float8 as granted
  from present p cross join written w`;

async function reserve(sql: SqlClient, question: QuotaQuestion, count: number): Promise<QuotaGrant> {
  const { source } = question;
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      `Cannot reserve ${count} requests to "${source}": it must be a whole number above 0`,
    );
  }
  const rows = await sql.query<StatusRow & { granted: number }>(RESERVE, [...presentParams(question), count]);
  const row = rows[0]!;
  const status = readStatus(source, row);
  return { source, granted: row.granted, window: status.window, until: reopensAt(status) };
}

/** When more can be had; null when some can be had now. */
function reopensAt({ policy, used, window, closedUntil }: QuotaStatus): number | null {
  if (used < policy.limit) return closedUntil;
  return Math.max(window.endsAt, closedUntil ?? 0);
}

async function release(sql: SqlClient, grant: QuotaGrant, unsent: number): Promise<void> {
  const { source, granted, window } = grant;
  if (!Number.isInteger(unsent) || unsent < 0 || unsent > granted) {
    throw new RangeError(`Cannot give back ${unsent} requests to "${source}": ${granted} were granted`);
  }
  if (unsent === 0) return;
  // A closed window stays full: the provider's word counts for more than this ledger's sum.
  await sql.query(
    `update quota_ledger set used = greatest(0, used - $4::bigint), updated_at = now()
    where source = $1::text and starts_at = to_timestamp($2::float8 / 1000)
      and ends_at = to_timestamp($3::float8 / 1000) and closed_until is null`,
    [source, window.startsAt, window.endsAt, unsent],
  );
}

async function close(sql: SqlClient, question: QuotaQuestion, closing: QuotaClosing): Promise<QuotaStatus> {
  return await sql.transaction(async (tx) => {
    // The source's row is the lock: closings of one source take turns.
    await tx.query("insert into source_state (source) values ($1::text) on conflict do nothing", [
      question.source,
    ]);
    await tx.query("select from source_state where source = $1::text for update", [question.source]);
    const before = await read(tx, question);
    if (closing.learned !== null) await learn(tx, question, closing.learned);
    const { policy, window } = await read(tx, question);
    const closedUntil = Math.max(window.endsAt, closing.retryAt ?? 0);
    await tx.query(
      `insert into quota_ledger as l (source, starts_at, ends_at, quota_limit, used, closed_until)
      values ($1::text, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4::bigint, $4::bigint,
        to_timestamp($5::float8 / 1000))
      on conflict (source, starts_at, ends_at) do update set
        quota_limit = excluded.quota_limit,
        used = greatest(l.used, excluded.used),
        closed_until = greatest(l.closed_until, excluded.closed_until),
        updated_at = now()`,
      [question.source, window.startsAt, window.endsAt, policy.limit, closedUntil],
    );
    const after = await read(tx, question);
    await writeAudit(tx, before, after, closing);
    return after;
  });
}

async function learn(tx: SqlClient, { source, now }: QuotaQuestion, policy: QuotaPolicy): Promise<void> {
  await tx.query(
    `update source_state set learned_limit = $2::bigint, learned_period = $3::text,
      learned_at = to_timestamp($4::float8 / 1000), updated_at = now()
    where source = $1::text`,
    [source, policy.limit, policy.period, now],
  );
}

async function writeAudit(
  tx: SqlClient,
  before: QuotaStatus,
  after: QuotaStatus,
  { reason, now }: QuotaClosing,
): Promise<void> {
  // Requests in flight are refused together: one closing is worth one line.
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  await tx.query(
    `insert into quota_audit (source, actor, reason, before, after, at)
    values ($1::text, 'provider', $2::text, $3::text::jsonb, $4::text::jsonb, to_timestamp($5::float8 / 1000))`,
    [after.source, cleanText(reason), JSON.stringify(before), JSON.stringify(after), now],
  );
}
