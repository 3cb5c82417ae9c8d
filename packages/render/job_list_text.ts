import { formatMinute } from "@ipcascade/core";
import type { JobListReport, ListedJob } from "@ipcascade/operations";
import { formatDuration } from "./summary_text.ts";
import { renderTextTable } from "./text_table.ts";

/** The page of `jobs`: the catalogue, when each job is due next, how it stands, and whether a scheduler is at work. */
export function renderJobList({ jobs, scheduler }: JobListReport): string {
  const table = renderTextTable(
    ["JOB", "SCHEDULE (UTC)", "NEXT", "LAST RUN", "TOOK", "GRADE", "HOW IT STANDS"],
    jobs.map((job) => [
      job.name,
      job.schedule ?? "off",
      job.next_at === null ? "" : formatMinute(job.next_at),
      ...describeLast(job),
      job.grade,
      job.message,
    ]),
  );
  return `${table}\nScheduler (${scheduler.grade}): ${scheduler.message}\n`;
}

function describeLast({ last_run: run }: ListedJob): readonly [when: string, took: string] {
  if (run === null) return ["never", ""];
  return [
    `${formatMinute(run.started_at)} ${run.state.replaceAll("_", " ")}`,
    formatDuration(run.duration_ms),
  ];
}
