import type { QuotaPeriod, QuotaPolicy } from "@ipcascade/core";

/** Names under which a 429 was seen to tell the quota. */
const QUOTA_FIELDS = ["rate_limit", "rate-limit", "rateLimit"] as const;

/**
 * Finds the real quota in the body of a 429: `25-W`, `100-lookups/day`, `50/week`, `10000 requests per month`.
 * Null when the body does not tell it, or tells it in a period that the ledger does not keep.
 */
export function findQuota(body: unknown): QuotaPolicy | null {
  if (typeof body !== "object" || body === null) return null;
  const fields = new Map<string, unknown>(Object.entries(body));
  for (const name of QUOTA_FIELDS) {
    const text = fields.get(name);
    const policy = typeof text === "string" ? readQuota(text) : null;
    if (policy !== null) return policy;
  }
  return null;
}

function readQuota(text: string): QuotaPolicy | null {
  const parts =
    /^\s*(\d{1,9})\s*(?:[-/\s]\s*)?(?:(?:lookups?|requests?|queries)\b\s*)?(?:[-/]|per\b)?\s*([a-z]+)\s*$/i;
  const [, digits, unit] = parts.exec(text.replace(/(\d)[,_](?=\d{3})/g, "$1")) ?? [];
  const limit = Number(digits);
  const period = unit === undefined ? null : readPeriod(unit);
  return period === null || limit < 1 ? null : { limit, period };
}

function readPeriod(unit: string): QuotaPeriod | null {
  // A small m could be a minute.
  if (unit === "M") return "month";
  switch (unit.toLowerCase()) {
    case "d":
    case "day":
    case "daily":
      return "day";
    case "w":
    case "week":
    case "weekly":
      return "week";
    case "month":
    case "monthly":
      return "month";
    default:
      return null;
  }
}
