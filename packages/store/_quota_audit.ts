import type { QuotaChange, QuotaOrder, QuotaStatus, SourceName } from "@ipcascade/core";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** What is written down about a change. */
export type QuotaAuditEntry = QuotaOrder & Pick<QuotaChange, "action" | "before" | "after">;

/** Writes down a change; gives its record. */
export async function writeAudit(tx: SqlClient, entry: QuotaAuditEntry): Promise<QuotaChange> {
  const { action, actor, before, after, now } = entry;
  const { source } = after;
  const reason = entry.reason === null ? null : cleanText(entry.reason);
  const [row] = await tx.query<{ id: string }>(
    `insert into quota_audit (source, action, actor, reason, before, after, at)
    values ($1::text, $2::text, $3::text, $4::text, $5::text::jsonb, $6::text::jsonb,
      to_timestamp($7::float8 / 1000))
    returning id::text as id`,
    [source, action, cleanText(actor), reason, JSON.stringify(before), JSON.stringify(after), now],
  );
  return { id: row!.id, source, action, actor, reason, before, after, at: now };
}

interface AuditRow {
  readonly id: string;
  readonly action: QuotaChange["action"];
  readonly actor: string;
  readonly reason: string | null;
  readonly before: string;
  readonly after: string;
  readonly at_ms: number;
}

/** The newest changes first. */
export async function listAudit(sql: SqlClient, source: SourceName, limit: number): Promise<QuotaChange[]> {
  const rows = await sql.query<AuditRow>(
    `select id::text as id, action, actor, reason, before::text as before, after::text as after,
      date_part('epoch', at) * 1000 as at_ms
    from quota_audit where source = $1::text order by quota_audit.id desc limit $2::int`,
    [source, limit],
  );
  return rows.map(({ at_ms, before, after, ...row }) => ({
    ...row,
    source,
    before: readAuditStatus(before),
    after: readAuditStatus(after),
    at: Math.round(at_ms),
  }));
}

/** Older records say only whether a 429 taught the policy, and nothing about the rate. */
function readAuditStatus(text: string): QuotaStatus {
  const { learned, ...status } = JSON.parse(text) as QuotaStatus & { readonly learned?: boolean };
  return {
    ...status,
    origin: status.origin ?? (learned === true ? "provider" : "setting"),
    since: status.since ?? null,
    firstUsedAt: status.firstUsedAt ?? null,
    usedBefore: status.usedBefore ?? 0,
  };
}
