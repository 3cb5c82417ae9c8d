import {
  type QuotaOrigin,
  type QuotaPeriod,
  type QuotaPolicy,
  type QuotaStatus,
  quotaWindow,
  type SourceName,
} from "@ipcascade/core";
import { roundMs } from "./_instants.ts";
import type { SqlClient } from "./sql_client.ts";

/** What counting quotas in SQL needs. */
export interface SqlQuotaOptions {
  /** A migrated database. */
  readonly sql: SqlClient;
  /** The configured policies. What a provider's 429 taught or an operator set wins over them. */
  readonly policies: Readonly<Partial<Record<SourceName, QuotaPolicy>>>;
}

/** Whose quota, by which configured policy, at which instant. */
export interface QuotaQuestion {
  readonly source: SourceName;
  readonly policy: QuotaPolicy;
  readonly now: number;
}

/** Asks about a source at an instant. Throws `TypeError` for a source without policy. */
export function questionOf(
  policies: SqlQuotaOptions["policies"],
  source: SourceName,
  now: number,
): QuotaQuestion {
  const policy = policies[source];
  if (policy === undefined) throw new TypeError(`Cannot count requests to "${source}": it has no quota`);
  return { source, policy, now };
}

const PERIODS: readonly QuotaPeriod[] = ["day", "week", "month"];

/**
 * The present policy and window as `present p`, for `presentParams`. The statement picks the window itself, so that the
 * policy it goes by is the one of its own moment. `closed_until` covers every window of the source: a `Retry-After` may
 * reach beyond the window it was said in.
 */
export const PRESENT = `given as (
    select $1::text as source, $2::float8 as quota_limit, $3::text as period,
      to_timestamp($4::float8 / 1000) as now
  ), policy as (
    select g.source, g.now, coalesce(s.learned_limit, g.quota_limit)::bigint as quota_limit,
      coalesce(s.learned_period, g.period) as period,
      case when s.learned_limit is null then 'setting' else s.learned_from end as origin,
      case when s.learned_limit is not null then s.learned_at end as since
    from given g left join source_state s on s.source = g.source
  ), present as (
    select p.*, to_timestamp(w.starts_ms / 1000) as starts_at, to_timestamp(w.ends_ms / 1000) as ends_at,
      (select max(l.closed_until) from quota_ledger l
        where l.source = p.source and l.closed_until > p.now) as closed_until
    from policy p join (values
      ('day', $5::float8, $6::float8), ('week', $7::float8, $8::float8), ('month', $9::float8, $10::float8)
    ) as w(period, starts_ms, ends_ms) on w.period = p.period
  )`;

/** The parameters of `PRESENT`, $1 to $10. */
export function presentParams({ source, policy, now }: QuotaQuestion): (string | number)[] {
  const bounds = PERIODS.map((period) => quotaWindow(period, now)).flatMap((w) => [w.startsAt, w.endsAt]);
  return [source, policy.limit, policy.period, now, ...bounds];
}

interface StatusRow {
  readonly quota_limit: number;
  readonly period: QuotaPeriod;
  readonly origin: QuotaOrigin;
  readonly since_ms: number | null;
  readonly starts_ms: number;
  readonly ends_ms: number;
  readonly closed_ms: number | null;
  readonly used: number;
  readonly first_used_ms: number | null;
  readonly used_before: number;
}

const READ = `with ${PRESENT}
  select p.quota_limit::float8 as quota_limit, p.period, p.origin,
    date_part('epoch', p.since) * 1000 as since_ms,
    date_part('epoch', p.starts_at) * 1000 as starts_ms, date_part('epoch', p.ends_at) * 1000 as ends_ms,
    date_part('epoch', p.closed_until) * 1000 as closed_ms,
    coalesce(l.used, 0)::float8 as used, date_part('epoch', l.first_used_at) * 1000 as first_used_ms,
    coalesce(l.used_before, 0)::float8 as used_before
  from present p left join quota_ledger l
    on l.source = p.source and l.starts_at = p.starts_at and l.ends_at = p.ends_at`;

/** Reads the present state. */
export async function readStatus(sql: SqlClient, question: QuotaQuestion): Promise<QuotaStatus> {
  const [row] = await sql.query<StatusRow>(READ, presentParams(question));
  return readStatusRow(question.source, row!);
}

function readStatusRow(source: SourceName, row: StatusRow): QuotaStatus {
  const policy = { limit: row.quota_limit, period: row.period };
  const closedUntil = roundMs(row.closed_ms);
  return {
    source,
    policy,
    origin: row.origin,
    since: roundMs(row.since_ms),
    window: { startsAt: Math.round(row.starts_ms), endsAt: Math.round(row.ends_ms) },
    used: row.used,
    remaining: closedUntil === null ? Math.max(0, policy.limit - row.used) : 0,
    closedUntil,
    firstUsedAt: roundMs(row.first_used_ms),
    usedBefore: row.used_before,
  };
}

/** Locks a source's row in a transaction: closings and orders for one source take turns. */
export async function lockSource(tx: SqlClient, source: SourceName): Promise<void> {
  await tx.query("insert into source_state (source) values ($1::text) on conflict do nothing", [source]);
  await tx.query("select from source_state where source = $1::text for update", [source]);
}

/** Writes a policy that was said by somebody; saying the same again changes nothing. */
export async function writePolicy(
  tx: SqlClient,
  { source, now }: QuotaQuestion,
  { limit, period, from }: QuotaPolicy & { readonly from: Exclude<QuotaOrigin, "setting"> },
): Promise<void> {
  await tx.query(
    `update source_state set learned_limit = $2::bigint, learned_period = $3::text, learned_from = $4::text,
      learned_at = to_timestamp($5::float8 / 1000), updated_at = now()
    where source = $1::text and (learned_limit, learned_period, learned_from)
      is distinct from ($2::bigint, $3::text, $4::text)`,
    [source, limit, period, from, now],
  );
}
