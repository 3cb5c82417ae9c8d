import { MS_PER_DAY, MS_PER_SECOND, type QuotaPeriod, type QuotaPolicy } from "@ipcascade/core";

/** Names under which a 429 was seen to tell the quota. */
const QUOTA_FIELDS = ["rate_limit", "rate-limit", "rateLimit"] as const;
/** No plan lasts longer than a month, so no honest server asks for a longer pause. */
const MAX_PAUSE_MS = 31 * MS_PER_DAY;

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

/**
 * Reads a `Retry-After` header, seconds or an HTTP date, as an instant in milliseconds. Null when it is absent,
 * past or unreadable; at most 31 days ahead.
 */
export function readRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  const instant = /^\d+$/.test(text) ? now + Number(text) * MS_PER_SECOND : readHttpDate(text);
  if (instant === null || instant <= now) return null;
  return Math.min(instant, now + MAX_PAUSE_MS);
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

function readHttpDate(text: string): number | null {
  // Every form of RFC 9110 names the month; bare numbers would be read as years.
  if (!/[a-z]{3}/i.test(text)) return null;
  const instant = Date.parse(text);
  return Number.isNaN(instant) ? null : instant;
}
