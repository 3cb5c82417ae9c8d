import {
  gradeScheduler,
  type JobName,
  type JobSchedules,
  MS_PER_MINUTE,
  type ScheduledJob,
  type SchedulerFacts,
  type SchedulerFinding,
} from "@ipcascade/core";
import type { JobStanding } from "./job_standing.ts";

/** How schedulers stand. */
export interface SchedulerStanding {
  readonly finding: SchedulerFinding;
  /** When one was last at work, in milliseconds since 1970 UTC, and which; null when none ever was. */
  readonly seen: SchedulerFacts["seen"];
}

/** What is known of the schedules. */
export interface KnownSchedules {
  /** The lines in force. */
  readonly timetable: readonly ScheduledJob[];
  /** Those of the settings. */
  readonly schedules: JobSchedules;
  readonly standings: readonly JobStanding[];
  readonly isEmbedded: boolean;
}

/** A scheduler notes itself once a minute: it may begin a job that long after it was seen. */
const NOTE_MS = 2 * MS_PER_MINUTE;

/** How schedulers stand, by when they were seen and what became of the ticks since. */
export function describeScheduler(known: KnownSchedules, now: number): SchedulerStanding {
  const seen = findSeen(known.timetable);
  const facts = {
    seen,
    otherLines: listOtherLines(known),
    isEmbedded: known.isEmbedded,
    ...sortTicks(known.standings, seen?.at ?? Infinity),
  };
  return { seen, finding: gradeScheduler(facts, now) };
}

function findSeen(timetable: readonly ScheduledJob[]): SchedulerFacts["seen"] {
  return timetable.reduce<SchedulerFacts["seen"]>(
    (newest, { seenAt, seenBy }) =>
      newest !== null && newest.at >= seenAt ? newest : { at: seenAt, by: seenBy },
    null,
  );
}

/** A job that the scheduler does not know is one that it does not run. */
function listOtherLines({ timetable, schedules, standings }: KnownSchedules): readonly JobName[] {
  if (timetable.length === 0) return [];
  const lines = new Map(timetable.map(({ job, line }) => [job, line]));
  return standings.map(({ job }) => job).filter((job) => (lines.get(job) ?? null) !== schedules[job]);
}

/** Of the jobs that were due since: who was begun, and who was not. */
function sortTicks(
  standings: readonly JobStanding[],
  since: number,
): Pick<SchedulerFacts, "missed" | "begunElsewhere"> {
  const due = (after: number) => standings.filter(({ tickAt }) => tickAt !== null && tickAt > after);
  const hasBegun = ({ begunAt, tickAt }: JobStanding) => begunAt !== null && begunAt >= tickAt!;
  const isMissing = ({ finding: { state } }: JobStanding) => state === "late" || state === "never_ran";
  return {
    missed: due(since).filter(isMissing).map(({ job }) => job),
    begunElsewhere: due(since + NOTE_MS).filter(hasBegun).map(({ job }) => job),
  };
}
