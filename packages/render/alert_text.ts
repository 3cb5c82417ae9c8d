import { type Alert, formatMinute } from "@ipcascade/core";
import type {
  AlertItem,
  AlertList,
  AlertReport,
  ForgottenAlert,
  NotifierReport,
  NotifierTestReport,
} from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { renderTextTable } from "./text_table.ts";

/** A message in one line, to be read on a phone: `[ipcascade] CRITICAL quota: 812 of 10000 left`. */
export function renderAlertSubject({ kind, grade, key, title }: Alert): string {
  const still = kind === "remind" ? " (still)" : "";
  const word = kind === "test" ? "TEST" : grade.toUpperCase();
  return cleanCell(`[ipcascade] ${word} ${key}: ${title}${still}`);
}

/** A message as plain text: what, since when, what mends it, where. */
export function renderAlertBody(alert: Alert): string {
  const { kind, message, previousGrade, since, fix, host, at, remark } = alert;
  const lines = [sentenceOf(message), ""];
  if (kind !== "test") lines.push(`  Now     ${alert.grade}${wasOf(kind, previousGrade)}`);
  if (since !== null && kind !== "test") lines.push(`  Since   ${formatMinute(since)}`);
  lines.push(`  Seen    ${formatMinute(at)}`, `  Host    ${host}`);
  if (fix !== null) lines.push(`  Next    ${fix}`);
  if (remark !== null) lines.push("", remark);
  return lines.map((line) => `${cleanCell(line)}\n`).join("");
}

function wasOf(kind: Alert["kind"], previousGrade: Alert["previousGrade"]): string {
  if (kind === "remind") return ", still";
  return previousGrade === null ? "" : `, was ${previousGrade}`;
}

function sentenceOf(message: string): string {
  return /[.!?…]$/.test(message) ? message : `${message}.`;
}

/** What was told, a line for each notifier. */
export function renderAlertReport({ notifiers }: AlertReport): string {
  if (notifiers.length === 0) return "";
  return notifiers.map((report) => `  alert     ${cleanCell(describeNotifier(report))}\n`).join("");
}

function describeNotifier(report: NotifierReport): string {
  const { notifier, sent, reminded, recovered, suppressed, elsewhere, failures } = report;
  const parts = [
    ...countOf(sent, "sent"),
    ...countOf(reminded, "reminded"),
    ...countOf(recovered, "told of recovery"),
    ...new Set(failures.map(({ message }) => `failed: ${message}`)),
    ...countOf(suppressed, "told already"),
    ...countOf(elsewhere, "another process is telling it"),
  ];
  return `${notifier}: ${parts.length === 0 ? "nothing to tell" : parts.join(", ")}`;
}

function countOf(count: number, what: string): string[] {
  return count === 0 ? [] : [count === 1 ? what : `${count} ${what}`];
}

/** How the test messages went. */
export function renderNotifierTests({ notifiers }: NotifierTestReport): string {
  return renderTextTable(
    ["NOTIFIER", "TEST", "MS", "ERROR"],
    notifiers.map(({ notifier, status, duration_ms, error }) => [
      notifier,
      status,
      String(duration_ms),
      error ?? "",
    ]),
  );
}

/** The page of `alerts`. */
export function renderAlertList({ alerts, hidden }: AlertList): string {
  const rest = hidden === 0 ? "" : `${hidden} more well, never told: see --all\n`;
  if (alerts.length === 0) return rest === "" ? "Nothing was looked at with alerts yet\n" : rest;
  const table = renderTextTable(
    ["KEY", "NOTIFIER", "NOW", "SINCE", "SEEN", "TOLD", "AT", "WHAT"],
    alerts.map((alert) => [
      alert.key,
      alert.notifier,
      alert.grade,
      formatMinute(alert.since),
      formatMinute(alert.seen_at),
      alert.told_at === null ? "nothing" : alert.told_grade,
      alert.told_at === null ? "" : formatMinute(alert.told_at),
      describeItem(alert),
    ]),
  );
  return table + rest;
}

/** What became of `alerts forget`. */
export function renderForgottenAlert({ key, forgotten }: ForgottenAlert): string {
  if (forgotten === 0) return "";
  const whose = forgotten === 1 ? "1 notifier" : `${forgotten} notifiers`;
  return `${cleanCell(`Forgotten for ${whose}: ${key}`)}\n`;
}

function describeItem({ title, failure }: AlertItem): string {
  return failure === null ? title : `${title}; not told: ${failure}`;
}
