import { formatHoursMinutes, formatMinute, MS_PER_SECOND } from "@ipcascade/core";
import type {
  QuotaChangeItem,
  QuotaHistory,
  QuotaReport,
  QuotaSnapshot,
  ResetQuotaReport,
  SetQuotaReport,
} from "@ipcascade/operations";
import { joinLines } from "./clean_lines.ts";
import { renderTextTable } from "./text_table.ts";

/** The page of `quota`. */
export function renderQuota(report: QuotaReport): string {
  const { limit, period, origin, since, used, resets_at, resets_in_s, refresh_limit } = report;
  const lines = [`GreyNoise quota: ${report.grade}; ${report.message}`];
  const isKnown = limit !== null && period !== null && origin !== null && used !== null;
  if (isKnown && resets_at !== null && resets_in_s !== null) {
    const wait = formatHoursMinutes(resets_in_s * MS_PER_SECOND);
    lines.push(
      `  limit     ${limit}/${period}, ${describeOrigin({ origin, since })}`,
      `  used      ${used}, counted since ${formatMinute(report.window_starts_at ?? "")}`,
      `  resets    ${formatMinute(resets_at)}, in ${wait}`,
      `  refresh   up to ${refresh_limit} (${report.refresh_share} of the limit), ${report.refresh_remaining} left`,
    );
  }
  const forecast = describeForecast(report);
  if (forecast !== null) lines.push(`  forecast  ${forecast}`);
  if (report.closed_until !== null) lines.push(`  "ipcascade quota reset --reason …" lifts the closing`);
  return joinLines(lines);
}

function describeOrigin({ origin, since }: Pick<QuotaSnapshot, "origin" | "since">): string {
  switch (origin) {
    case "setting":
      return "from GREYNOISE_QUOTA";
    case "provider":
      return `taught by a 429 at ${formatMinute(since ?? "")}`;
    case "operator":
      return `set by an operator at ${formatMinute(since ?? "")}`;
  }
}

function describeForecast({ forecast, empty_at, checked_at, error }: QuotaReport): string | null {
  // Of a ledger that can't be read nothing is known, least of all how long it is in use.
  if (error !== null) return null;
  switch (forecast) {
    case "runs_out":
      return `at this rate empty at ${formatNear(empty_at ?? "", checked_at)}`;
    case "lasts":
      return "at this rate it lasts until the reset";
    case "unknown":
      return "not in use for long enough to tell";
    case "empty":
      return null;
  }
}

/** What an operator set. */
export function renderSetQuota({ before, after, actor }: SetQuotaReport): string {
  return joinLines([
    `GreyNoise quota is ${describeLimit(after)} (was ${describeLimit(before)}), set by ${actor}`,
    ...describeAfter(after),
    // A shorter window can't be told apart from the longer one that was counted.
    ...(before.period === after.period ? [] : [`  if more was sent in it, "--used N" sets the counter`]),
  ]);
}

/** What a reset did. */
export function renderResetQuota({ before, after, actor }: ResetQuotaReport): string {
  const lifted = before.closed_until === null
    ? ""
    : `, and the closing until ${before.closed_until} is lifted`;
  return joinLines([
    `GreyNoise quota counter is ${after.used} (was ${before.used})${lifted}, reset by ${actor}`,
    ...describeAfter(after),
  ]);
}

function describeAfter({ used, limit, remaining, resets_at, closed_until }: QuotaSnapshot): string[] {
  const lines = [`  ${used} used, ${remaining} of ${limit} left until ${formatMinute(resets_at)}`];
  if (closed_until !== null) {
    const until = formatMinute(closed_until);
    lines.push(`  closed by a 429 until ${until}; "ipcascade quota reset --reason …" lifts it`);
  }
  return lines;
}

/** The page of `quota history`. */
export function renderQuotaHistory({ changes }: QuotaHistory): string {
  if (changes.length === 0) return "Nothing happened to the quota yet\n";
  return renderTextTable(
    ["AT", "WHAT", "WHO", "LIMIT", "USED", "REASON"],
    changes.map((change) => [
      `${change.at.slice(0, 19)}Z`,
      change.action,
      change.actor,
      describeStep(change, describeLimit),
      describeStep(change, ({ used }) => String(used)),
      change.reason ?? "",
    ]),
  );
}

function describeStep({ before, after }: QuotaChangeItem, read: (state: QuotaSnapshot) => string): string {
  const [from, to] = [read(before), read(after)];
  return from === to ? to : `${from} -> ${to}`;
}

function describeLimit({ limit, period }: QuotaSnapshot): string {
  return `${limit}/${period}`;
}

/** The time alone where it is of the same day. */
function formatNear(instant: string, now: string): string {
  const isToday = instant.slice(0, 10) === now.slice(0, 10);
  return isToday ? `${instant.slice(11, 16)} UTC` : formatMinute(instant);
}
