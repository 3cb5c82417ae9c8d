import {
  JOB_NAMES,
  JOB_SCHEDULES,
  type JobName,
  type JobRun,
  type JobSchedules,
  type LatestRuns,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_MINUTE,
  MS_PER_SECOND,
  ruleOf,
  type ScheduledJob,
} from "@ipcascade/core";
import { readStandings, type Standings } from "@ipcascade/operations";
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { nextTick, previousTick } from "./cron_ticks.ts";

/** A Monday. */
const WEEK = Date.UTC(2026, 10, 23);
const FIRST = WEEK - 35 * MS_PER_DAY;
const SCHEDULES: JobSchedules = JOB_SCHEDULES;

/** How long jobs take; a refresh of many rows takes hours, in which others wait. */
const TOOK_MS: Readonly<Partial<Record<JobName, number>>> = {
  "back-up": 20 * MS_PER_MINUTE,
  "update-editions": 10 * MS_PER_MINUTE,
  "refresh-stale": 5 * MS_PER_HOUR,
};

function run(job: JobName, tickAt: number, startedAt: number): JobRun {
  const endedAt = startedAt + (TOOK_MS[job] ?? 30 * MS_PER_SECOND);
  const rest = { trigger: "timer", actor: "root@pot-1", error: null, message: null, attempt: 1 } as const;
  const counts = { rows: 10 };
  return {
    ...rest,
    id: `${job} ${tickAt}`,
    job,
    counts,
    startedAt,
    seenAt: endedAt,
    endedAt,
    tickAt,
    outcome: "succeeded",
  };
}

/** What a scheduler that is always there does: each tick is begun at once, or when what is in its way is over. */
function playRuns(until: number): readonly JobRun[] {
  const ticks = JOB_NAMES.flatMap((job) => {
    const line = SCHEDULES[job];
    const found = [];
    for (let at = line === null ? null : nextTick(line, FIRST); at !== null && at < until;) {
      found.push({ job, at });
      at = nextTick(line!, at);
    }
    return found;
  }).sort((a, b) => a.at - b.at);
  const runs: JobRun[] = [];
  for (const { job, at } of ticks) {
    const { conflicts } = ruleOf(job);
    const inTheWay = runs.filter((one) => conflicts.includes(one.job)).map(({ endedAt }) => endedAt!);
    runs.push(run(job, at, Math.max(at + MS_PER_SECOND, ...inTheWay.map((end) => end + 5 * MS_PER_SECOND))));
  }
  return runs;
}

const ALL = playRuns(WEEK + 8 * MS_PER_DAY);

/** What the record has at an instant, without what `isGone` takes away, and with others. */
async function look(
  now: number,
  isGone: (run: JobRun) => boolean = () => false,
  others: readonly JobRun[] = [],
): Promise<Standings> {
  const known = [...ALL, ...others].filter((one) => one.startedAt <= now && !isGone(one)).map((one) =>
    one.endedAt! <= now ? one : { ...one, endedAt: null, outcome: null, seenAt: now }
  ).sort((a, b) => b.startedAt - a.startedAt);
  const gone = ALL.find((one) => one.startedAt <= now && isGone(one));
  const seenAt = gone === undefined ? now - now % MS_PER_MINUTE : gone.tickAt! - MS_PER_MINUTE;
  const timetable = JOB_NAMES.map((job): ScheduledJob => ({
    job,
    line: SCHEDULES[job],
    since: FIRST,
    seenAt,
    seenBy: "root@pot-1",
  }));
  const latest = JOB_NAMES.flatMap((job): LatestRuns[] => {
    const own = known.filter((one) => one.job === job);
    const latestSuccess = own.find(({ outcome }) => outcome === "succeeded") ?? null;
    return own.length === 0 ? [] : [{ job, latest: own[0]!, latestSuccess }];
  });
  return await readStandings({
    runs: {
      firstAt: () => Promise.resolve(FIRST),
      latest: () => Promise.resolve(latest),
      list: ({ job, since = -Infinity, until = Infinity, limit }) =>
        Promise.resolve(
          known.filter((one) =>
            (job === undefined || one.job === job) && one.startedAt >= since && one.startedAt < until
          ).slice(0, limit),
        ),
    },
    timetable: { read: () => Promise.resolve(timetable) },
    clock: { now: () => now },
    previousTick,
    schedules: SCHEDULES,
  });
}

function listFaults({ jobs, scheduler }: Standings): readonly string[] {
  return [
    ...jobs.filter(({ finding }) => finding.grade !== "ok").map(({ job, finding }) =>
      `${job}: ${finding.message}`
    ),
    ...scheduler.finding.grade === "ok" ? [] : [scheduler.finding.message],
  ];
}

Deno.test("readStandings() finds nothing at any instant of a week in which a scheduler is at work", async () => {
  assert(ALL.some(({ tickAt, startedAt }) => startedAt - tickAt! > MS_PER_HOUR), "some have to wait");
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: WEEK, max: WEEK + 7 * MS_PER_DAY }), async (now) => {
      assertEquals(listFaults(await look(now)), [], new Date(now).toISOString());
    }),
    { numRuns: 300 },
  );
});

Deno.test("readStandings() tells of what a scheduler that went away did not begin, and of the scheduler", async () => {
  const goneAt = WEEK + 4 * MS_PER_DAY;
  const isGone = ({ tickAt }: JobRun) => tickAt! >= goneAt;
  assertEquals(listFaults(await look(goneAt + 90 * MS_PER_MINUTE, isGone)).length, 2);
  const { jobs, scheduler } = await look(goneAt + MS_PER_DAY, isGone);
  const late = jobs.filter(({ finding }) => finding.state === "late").map(({ job }) => job);
  assertEquals(late, ["check-health", "check-quota", "prune", "back-up"]);
  assertEquals(scheduler.finding.state, "gone");
  assertEquals(
    scheduler.finding.message,
    "is gone: last seen 24 h ago, root@pot-1; nothing has started check-health, check-quota, prune, back-up since",
  );
});

Deno.test("readStandings() says that a job runs while a run of it is under way, whatever became of later ones", async () => {
  const tickAt = WEEK + 3 * MS_PER_DAY + 8 * MS_PER_HOUR;
  const by = (id: string, startedAt: number, fields: Partial<JobRun>) =>
    ({ ...run("refresh-stale", tickAt, startedAt), id, tickAt: null, ...fields }) satisfies JobRun;
  const long = by("long", tickAt, {});
  const error = { code: "BUSY", message: "another one runs" };
  const share = by("share", tickAt + MS_PER_HOUR, {
    endedAt: tickAt + MS_PER_HOUR,
    outcome: "failed",
    error,
  });
  const find = async (now: number) => {
    const { jobs } = await look(now, () => false, [long, share]);
    const { finding, latest } = jobs.find(({ job }) => job === "refresh-stale")!;
    const waiting = jobs.filter((one) => one.finding.state === "waiting").length;
    return [finding.grade, finding.state, latest?.id, waiting];
  };
  assertEquals(await find(tickAt + 2 * MS_PER_HOUR), ["ok", "running", "long", 0]);
  assertEquals(await find(long.endedAt! + MS_PER_SECOND), ["warning", "failed", "share", 0]);
});
