import type { JobHistoryReport, ListedRun } from "@ipcascade/operations";
import { formatDuration } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** The page of `jobs history`. */
export function renderJobHistory({ job, runs }: JobHistoryReport): string {
  if (runs.length === 0) return `No run of ${job ?? "any job"} is recorded yet\n`;
  return renderTextTable(
    ["STARTED", "JOB", "STATE", "TOOK", "TICK", "BY", "WHAT"],
    runs.map((run) => [
      `${run.started_at.slice(0, 19)}Z`,
      run.job,
      run.state.replaceAll("_", " "),
      formatDuration(run.duration_ms),
      describeTick(run),
      run.started_by === "command" ? run.actor : `${run.started_by}, ${run.actor}`,
      describeRun(run),
    ]),
  );
}

/** The tick that it is for, and which try of it where it is not the first. */
function describeTick({ tick_at: at, attempt }: ListedRun): string {
  if (at === null) return "";
  const tick = `${at.slice(0, 10)} ${at.slice(11, 16)}Z`;
  return attempt === 1 ? tick : `${tick} (try ${attempt})`;
}

function describeRun({ state, error, message, counts, started_at, duration_ms: ms }: ListedRun): string {
  if (error !== null) return error.message;
  if (state === "lost") {
    const seen = new Date(Date.parse(started_at) + ms).toISOString().slice(0, 19);
    return `killed, or its machine is gone: last seen ${seen}Z`;
  }
  if (message !== null) return message;
  return Object.entries(counts).filter(([, count]) => count !== 0)
    .map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`).join(", ");
}
