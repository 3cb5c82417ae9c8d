import type { QuotaChange, QuotaControl, QuotaOrder, QuotaSetting, QuotaWindow } from "@ipcascade/core";
import { listAudit, writeAudit } from "./_quota_audit.ts";
import {
  lockSource,
  questionOf,
  type QuotaQuestion,
  readStatus,
  type SqlQuotaOptions,
  writePolicy,
} from "./_quota_status.ts";
import type { SqlClient } from "./sql_client.ts";

/** An operator's hand on the ledger in SQL. Its methods throw `TypeError` for a source without policy. */
export function createSqlQuotaControl({ sql, policies }: SqlQuotaOptions): QuotaControl {
  return {
    set: async (source, setting) =>
      await change(sql, questionOf(policies, source, setting.now), {
        action: "set",
        order: setting,
        work: (tx, question) => setPolicy(tx, question, setting),
      }),
    reset: async (source, order) =>
      await change(sql, questionOf(policies, source, order.now), {
        action: "reset",
        order,
        work: resetCounter,
      }),
    listChanges: (source, limit) => listAudit(sql, source, limit),
  };
}

interface Order {
  readonly action: "set" | "reset";
  readonly order: QuotaOrder;
  readonly work: (tx: SqlClient, question: QuotaQuestion) => Promise<void>;
}

async function change(
  sql: SqlClient,
  question: QuotaQuestion,
  { action, order, work }: Order,
): Promise<QuotaChange> {
  return await sql.transaction(async (tx) => {
    await lockSource(tx, question.source);
    const before = await readStatus(tx, question);
    await work(tx, question);
    const after = await readStatus(tx, question);
    const { actor, reason, now } = order;
    return await writeAudit(tx, { action, actor, reason, now, before, after });
  });
}

async function setPolicy(tx: SqlClient, question: QuotaQuestion, setting: QuotaSetting): Promise<void> {
  await writePolicy(tx, question, { ...setting.policy, from: "operator" });
  const { window } = await readStatus(tx, question);
  if (setting.used === null) await adoptCounters(tx, question, { window, limit: setting.policy.limit });
  else await writeCounter(tx, question, { window, limit: setting.policy.limit, used: setting.used });
}

interface Counter {
  readonly window: QuotaWindow;
  readonly limit: number;
}

/** Begins the window with what shorter windows inside it counted, unless it counted more itself. */
async function adoptCounters(tx: SqlClient, { source }: QuotaQuestion, counter: Counter): Promise<void> {
  const { window, limit } = counter;
  await tx.query(
    `insert into quota_ledger as l (source, starts_at, ends_at, quota_limit, used)
    select g.source, g.starts_at, g.ends_at, $4::bigint,
      coalesce((select sum(i.used) from quota_ledger i
        where i.source = g.source and i.starts_at >= g.starts_at and i.ends_at <= g.ends_at
          and (i.starts_at, i.ends_at) <> (g.starts_at, g.ends_at)), 0)::bigint
    from (select $1::text as source, to_timestamp($2::float8 / 1000) as starts_at,
      to_timestamp($3::float8 / 1000) as ends_at) g
    on conflict (source, starts_at, ends_at) do update set
      quota_limit = excluded.quota_limit, used = greatest(l.used, excluded.used), updated_at = now()`,
    [source, window.startsAt, window.endsAt, limit],
  );
}

/** Sets the counter; the rate is measured anew. */
async function writeCounter(
  tx: SqlClient,
  { source }: QuotaQuestion,
  { window, limit, used }: Counter & { readonly used: number },
): Promise<void> {
  await tx.query(
    `insert into quota_ledger as l (source, starts_at, ends_at, quota_limit, used)
    values ($1::text, to_timestamp($2::float8 / 1000), to_timestamp($3::float8 / 1000), $4::bigint, $5::bigint)
    on conflict (source, starts_at, ends_at) do update set
      quota_limit = excluded.quota_limit, used = excluded.used, used_before = excluded.used,
      first_used_at = null, counting = l.counting + 1, updated_at = now()`,
    [source, window.startsAt, window.endsAt, limit, used],
  );
}

async function resetCounter(tx: SqlClient, question: QuotaQuestion): Promise<void> {
  // A closing may have been written to another window: `Retry-After` reaches beyond its own.
  await tx.query(
    `update quota_ledger set closed_until = null, updated_at = now()
    where source = $1::text and closed_until > to_timestamp($2::float8 / 1000)`,
    [question.source, question.now],
  );
  const { window, policy } = await readStatus(tx, question);
  await writeCounter(tx, question, { window, limit: policy.limit, used: 0 });
}
