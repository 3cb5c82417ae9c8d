import type { JobOutcome, JobPingEnd } from "@ipcascade/core";
import { reportError } from "../reported_error.ts";
import type { JobEnding } from "./job_ending.ts";

/** What the command of a job would have ended with. */
const EXIT_STATUS: Readonly<Record<JobOutcome, number>> = {
  succeeded: 0,
  failed: 1,
  partly_failed: 3,
  skipped: 5,
  stopped: 143,
  lost: 1,
};

/** The ending of work that threw. */
export function endOfError(error: unknown, outcome: JobOutcome): JobEnding {
  return { outcome, counts: {}, error: reportError(error), message: null };
}

/** What a run that nobody wrote a page about tells whoever watches. */
export function describeEnding({ outcome, counts, error, message }: JobEnding): JobPingEnd {
  const counted = Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", ");
  const lines = [message ?? outcome, counted, error?.message ?? ""].filter((line) => line !== "");
  return { exitStatus: EXIT_STATUS[outcome], output: `${lines.join("\n")}\n` };
}
