import type { JobHistoryReport, ListedRun } from "@ipcascade/operations";
import { formatDuration } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** The page of `jobs history`. */
export function renderJobHistory({ job, runs }: JobHistoryReport): string {
  if (runs.length === 0) return `No run of ${job ?? "any job"} is recorded yet\n`;
  return renderTextTable(
    ["STARTED", "JOB", "STATE", "TOOK", "BY", "WHAT"],
    runs.map((run) => [
      `${run.started_at.slice(0, 19)}Z`,
      run.job,
      run.state.replaceAll("_", " "),
      formatDuration(run.duration_ms),
      run.started_by === "command" ? run.actor : `${run.started_by}, ${run.actor}`,
      describeRun(run),
    ]),
  );
}

function describeRun({ error, message, counts }: ListedRun): string {
  if (error !== null) return error.message;
  if (message !== null) return message;
  return Object.entries(counts).filter(([, count]) => count !== 0)
    .map(([name, count]) => `${count} ${name.replaceAll("_", " ")}`).join(", ");
}
