import { type EditionFinding, formatInstant, MS_PER_SECOND } from "@ipcascade/core";
import type {
  EditionList,
  EditionStatusReport,
  PruneReport,
  RecoveryReport,
  RollbackReport,
  UpdateReport,
  VerifyReport,
} from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { joinLines } from "./clean_lines.ts";
import { formatDuration } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** The page of `editions status`. */
export function renderEditionStatus(report: EditionStatusReport): string {
  const rows = report.items.map((item) => [
    item.edition_id,
    item.grade,
    item.built_at?.slice(0, 10) ?? "–",
    item.age_days === null ? "–" : `${Math.floor(item.age_days)} d`,
    item.size_bytes === null ? "–" : formatMegabytes(item.size_bytes),
    item.message,
  ]);
  const attributions = new Set(
    report.items.map(({ attribution }) => attribution).filter((one) => one !== null),
  );
  return [
    `Editions: ${report.grade}; ${describeServing(report)}\n`,
    renderTextTable(["EDITION", "GRADE", "BUILT", "AGE", "SIZE", ""], rows),
    ...describeUpdating(report).map((line) => `${cleanCell(line)}\n`),
    ...[...attributions].map((line) => `${line}\n`),
  ].join("");
}

function describeServing({ serving, set, provider, place }: EditionStatusReport): string {
  switch (serving) {
    case "set":
      return `set ${set} from ${provider} serves, in ${place}`;
    case "plain":
      return `plain files serve, in ${place}; "ipcascade editions update" adopts them`;
    case "nothing":
      return `nothing serves in ${place}; "ipcascade editions update" installs, "editions recover" mends`;
  }
}

function describeUpdating(report: EditionStatusReport): readonly string[] {
  const { checked_at, attempt, failures, next_attempt_at, downloads_today, rejected } = report;
  const lines = [
    `Provider last answered: ${checked_at ?? "never"}; downloads today: ${downloads_today}`,
  ];
  if (attempt !== null && attempt.outcome === null) {
    lines.push(`An update began at ${attempt.started_at}, and runs or was killed`);
  }
  if (attempt?.error) lines.push(`Last attempt failed (${failures} in a row): ${attempt.error.message}`);
  if (next_attempt_at !== null) lines.push(`Next attempt: not before ${next_attempt_at}`);
  if (report.serving === "set" && report.grade === "critical") {
    lines.push('"ipcascade editions recover" mends what is damaged or missing');
  }
  for (const { edition_id, release, message } of rejected) {
    lines.push(`Not installed again: ${edition_id} ${release}: ${message}`);
  }
  return lines;
}

/** What an update did, for standard error. */
export function renderUpdate(report: UpdateReport): string {
  const lines = [`Editions ${UPDATE_WORDS[report.status]} in ${formatDuration(report.duration_ms)}`];
  for (const { edition_id, status, build_epoch, error } of report.items) {
    const built = build_epoch === null ? "none serves" : `build of ${formatBuild(build_epoch)} serves`;
    lines.push(`  ${edition_id.padEnd(14)}  ${status.replace("_", " ")}; ${built}`);
    if (error !== null) lines.push(`${" ".repeat(18)}${error.message}`);
  }
  if (report.error !== null && !report.items.some(({ error }) => error?.message === report.error?.message)) {
    lines.push(`  ${report.error.message}`);
  }
  for (const warning of report.warnings) lines.push(`  ${warning}`);
  if (report.status === "failed" && report.set !== null) lines.push(`  set ${report.set} goes on serving`);
  if (report.status === "failed" && report.next_attempt_at !== null) {
    lines.push(
      `  next attempt not before ${report.next_attempt_at}; ipcascade editions update --force tries at once`,
    );
  }
  for (const id of report.pruned) lines.push(`  set ${id} is destroyed`);
  return joinLines(lines);
}

const UPDATE_WORDS: Readonly<Record<UpdateReport["status"], string>> = {
  installed: "updated",
  adopted: "adopted; they are current",
  current: "are current",
  available: "can be updated",
  rejected: "stay: the provider's newest is not installed",
  not_due: "were not updated: nothing is due",
  failed: "were not updated",
};

/** The verdicts of `editions verify`. */
export function renderVerification(report: VerifyReport): string {
  if (report.verdict === "nothing") return "Nothing is installed, so there is nothing to verify\n";
  const lines = report.items.flatMap((item) => {
    const { file, verdict, database_type, build_epoch, nodes, networks, records, duration_ms } = item;
    const what = database_type === null ? "" : ` ${database_type}`;
    const built = build_epoch === null ? "" : ` of ${formatBuild(build_epoch)}`;
    const counts = `${nodes} nodes, ${networks} networks, ${records} records`;
    return [
      `${file}: ${verdict}${what}${built}; ${counts} in ${formatDuration(duration_ms)}`,
      ...item.findings.map((finding) => `  ${renderFinding(finding)}`),
    ];
  });
  return joinLines(lines);
}

function renderFinding({ severity, code, message, offset, network }: EditionFinding): string {
  const places = [
    ...(offset === null ? [] : [`offset ${offset}`]),
    ...(network === null ? [] : [`network ${network}`]),
  ];
  return `${severity} (${code}): ${message}${places.length === 0 ? "" : ` [${places.join(", ")}]`}`;
}

/** The kept sets and what happened to them. */
export function renderEditionList(list: EditionList): string {
  if (list.sets.length === 0) return `No set is kept in ${list.place}\n`;
  const rows = list.sets.map((set) => [
    set.is_current ? "*" : "",
    set.id,
    set.provider,
    set.editions.map(({ edition_id, build_epoch }) => `${edition_id} ${formatBuild(build_epoch)}`).join(", "),
    formatMegabytes(set.editions.reduce((sum, { size_bytes }) => sum + size_bytes, 0)),
    set.is_expired ? "expired" : set.expires_at === null ? "" : `until ${set.expires_at.slice(0, 10)}`,
  ]);
  const events = list.events.slice(-MAX_EVENTS).map(({ at, event, set, reason }) =>
    `${at}  ${event.replace("_", " ")}  ${set ?? ""}${reason === null ? "" : `  ${reason}`}`
  );
  const table = renderTextTable(["", "SET", "FROM", "EDITIONS", "SIZE", "LICENCE"], rows);
  return `${table}${events.length === 0 ? "" : `\n${joinLines(events)}`}`;
}

const MAX_EVENTS = 10;

/** What a rollback did. */
export function renderRollback(report: RollbackReport): string {
  const { status, set, previous_set, held_releases } = report;
  if (status === "current") return `Set ${set} serves already\n`;
  const verb = status === "available" ? "could serve instead of" : "serves instead of";
  const lines = [`Set ${set} ${verb} ${previous_set ?? "nothing"}`];
  for (const { edition_id, release } of held_releases) {
    lines.push(`  ${edition_id} ${release} is not installed again by itself; editions update --force does`);
  }
  return joinLines(lines);
}

/** What a recovery found and did. */
export function renderRecovery(report: RecoveryReport): string {
  const words: Readonly<Record<RecoveryReport["status"], string>> = {
    sound: `Set ${report.set} is sound: nothing to recover`,
    restored: `Set ${report.set} serves again, from those that were kept`,
    downloaded: `Set ${report.set} was downloaded anew and serves`,
    failed: "Nothing could be recovered",
  };
  const steps = report.steps.map(({ set, verdict, fault }) =>
    `  ${set}: ${verdict}${fault === null ? "" : `; ${fault}`}`
  );
  return joinLines([words[report.status], ...steps]) +
    (report.update === null ? "" : renderUpdate(report.update));
}

/** What pruning did. */
export function renderPruning({ pruned, is_dry_run }: PruneReport): string {
  if (pruned.length === 0) return "No set is due to be destroyed\n";
  const verb = is_dry_run ? "would be" : "is";
  const why = { licence: "its licence is over", surplus: "newer ones are kept" };
  return joinLines(pruned.map(({ id, reason }) => `Set ${id} ${verb} destroyed: ${why[reason]}`));
}

function formatBuild(buildEpoch: number): string {
  return formatInstant(buildEpoch * MS_PER_SECOND).slice(0, 10);
}

function formatMegabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
