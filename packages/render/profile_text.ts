import type { ProfiledStage, ProfileReport } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { formatDuration } from "./summary_text.ts";

const BAR_WIDTH = 40;

const TITLES: Readonly<Record<ProfiledStage["stage"], string>> = {
  parse: "parse",
  inventory_read: "inventory read",
  maxmind_first: "MaxMind, first",
  maxmind_warm: "MaxMind, warm",
  permits: "claims, quota",
  cymru: "Team Cymru",
  greynoise: "GreyNoise",
  waiting: "waiting",
  merge: "merge",
  store: "store",
};

/** The waterfall of `profile`: each stage with its time, a bar that shows when, and how it ended. */
export function renderProfile(report: ProfileReport): string {
  const { ip_address, cold, total_ms, summary, stages, quota_spent } = report;
  const lines = [
    `Profile of ${ip_address}${cold ? ", cold" : ""}: ${formatDuration(total_ms)}; ${summary}`,
    ...stages.map((stage) => renderStage(stage, total_ms)),
  ];
  if (quota_spent > 0) lines.push(`GreyNoise quota spent: ${quota_spent}`);
  return lines.map((line) => `${cleanCell(line).trimEnd()}\n`).join("");
}

function renderStage(stage: ProfiledStage, totalMs: number): string {
  const { status, duration_ms, calls } = stage;
  const hasRun = calls > 0;
  const time = hasRun ? formatDuration(duration_ms) : "-";
  const bar = hasRun ? drawBar(stage, totalMs) : " ".repeat(BAR_WIDTH);
  const note = [status === "ran" ? null : status, stage.note, calls > 1 ? `${calls} parts` : null]
    .filter((part) => part !== null)
    .join(", ");
  return `  ${TITLES[stage.stage].padEnd(14)}  ${time.padStart(7)}  ${bar}  ${note}`;
}

/** What ran is seen, however short it was. */
function drawBar({ start_ms, duration_ms }: ProfiledStage, totalMs: number): string {
  const scale = totalMs > 0 ? BAR_WIDTH / totalMs : 0;
  const start = Math.min(Math.floor(start_ms * scale), BAR_WIDTH - 1);
  const length = Math.max(1, Math.min(Math.round(duration_ms * scale), BAR_WIDTH - start));
  return `${"·".repeat(start)}${"█".repeat(length)}`.padEnd(BAR_WIDTH, "·");
}
