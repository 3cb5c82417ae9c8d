import { describeAge } from "./age_words.ts";
import { formatMinute, MS_PER_MINUTE } from "./clock.ts";
import type { Grade } from "./grade.ts";
import type { JobName } from "./job.ts";

/** A scheduler notes itself each minute, on the embedded database every ten at least: it is at work for so long. */
const AT_WORK_MS = { server: 3 * MS_PER_MINUTE, embedded: 15 * MS_PER_MINUTE } as const;
/** Clocks of two machines may differ by so much. */
const CLOCK_SLACK_MS = MS_PER_MINUTE;

/** What is known of schedulers. Instants are milliseconds since 1970 UTC. */
export interface SchedulerFacts {
  /** When one was last at work, and which; null when none ever was. */
  readonly seen: { readonly at: number; readonly by: string } | null;
  /** Jobs whose lines in force are not those of who looks. */
  readonly otherLines: readonly JobName[];
  /** Jobs that were due since one was seen, and that nobody began. */
  readonly missed: readonly JobName[];
  /** Jobs that were due since one was seen, and that something else began. */
  readonly begunElsewhere: readonly JobName[];
  /** Whether it is noted in the embedded database. */
  readonly isEmbedded: boolean;
}

/** How schedulers stand. */
export interface SchedulerFinding {
  readonly grade: Extract<Grade, "ok" | "info" | "warning">;
  /** Short and stable. */
  readonly state: "at_work" | "none" | "away" | "gone" | "replaced" | "other_lines" | "clock";
  /** One sentence. */
  readonly message: string;
}

/**
 * Grades whether a scheduler is at work. One that is not seen is no fault before a job was missed: on Deno Deploy there
 * is one only while something fires, and other timers may have taken its place.
 */
export function gradeScheduler(
  { seen, otherLines, missed, begunElsewhere, isEmbedded }: SchedulerFacts,
  now: number,
): SchedulerFinding {
  if (seen === null) return NO_SCHEDULER;
  const last = `seen ${describeAge(now - seen.at)} ago, ${seen.by}`;
  if (missed.length > 0) {
    const message = `is gone: last ${last}; nothing has started ${missed.join(", ")} since`;
    return { grade: "warning", state: "gone", message };
  }
  if (seen.at - now > CLOCK_SLACK_MS) {
    const at = formatMinute(seen.at);
    const message = `seen at ${at}, which is still to come, ${seen.by}: see that the clocks are right`;
    return { grade: "info", state: "clock", message };
  }
  const isAtWork = now - seen.at <= AT_WORK_MS[isEmbedded ? "embedded" : "server"];
  if (!isAtWork && begunElsewhere.length > 0) {
    const message = `last ${last}; something else starts the jobs now`;
    return { grade: "info", state: "replaced", message };
  }
  if (!isAtWork) {
    const message = `was last at work ${
      describeAge(now - seen.at)
    } ago (${seen.by}); no tick was missed since`;
    return { grade: "info", state: "away", message };
  }
  if (otherLines.length > 0) {
    const message = `goes by other settings than these: ${otherLines.join(", ")}; ${last}`;
    return { grade: "warning", state: "other_lines", message };
  }
  return { grade: "ok", state: "at_work", message: last };
}

const NO_SCHEDULER: SchedulerFinding = {
  grade: "info",
  state: "none",
  message: "no scheduler has ever been at work: jobs have to be started by cron or by hand",
};
