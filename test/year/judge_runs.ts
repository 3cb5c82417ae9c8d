import { isTickSettled, JOB_NAMES, type JobName, type JobOutcome } from "@ipcascade/core";
import { nextTick } from "@ipcascade/platform";
import type { LivedPlan } from "./live.ts";
import { formatAt } from "./mailbox.ts";
import { isIn } from "./plan.ts";

/** A run of a tick as its record tells it. */
export interface TickRun {
  readonly job: JobName;
  readonly tickAt: number;
  readonly startedAt: number;
  readonly attempt: number;
  readonly outcome: JobOutcome | null;
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** Every run that was for a tick, in order of job, tick and attempt. */
export async function readTickRuns({ world }: LivedPlan): Promise<readonly TickRun[]> {
  return await world.sql.query<TickRun>(
    `select job, (date_part('epoch', tick_at) * 1000)::float8 as "tickAt",
      (date_part('epoch', started_at) * 1000)::float8 as "startedAt", attempt::int as attempt, outcome, error
    from job_run where tick_at is not null order by job, tick_at, attempt`,
  );
}

/** Every tick has one last word, and only what could not be otherwise was not run. */
export function judgeRuns(runs: readonly TickRun[], lived: LivedPlan): readonly string[] {
  const byTick = new Map<string, TickRun[]>();
  for (const run of runs) {
    const key = `${run.job} ${run.tickAt}`;
    byTick.set(key, [...byTick.get(key) ?? [], run]);
  }
  return listTicks(lived).flatMap(({ job, at }) => {
    const tries = byTick.get(`${job} ${at}`) ?? [];
    return judgeTick(tries, lived).map((broken) => `${job} of ${formatAt(at)}: ${broken}`);
  });
}

function listTicks(
  { plan, world, since }: LivedPlan,
): readonly { readonly job: JobName; readonly at: number }[] {
  const ticks: { job: JobName; at: number }[] = [];
  for (const job of JOB_NAMES) {
    const line = world.settings.schedules[job];
    if (line === null) continue;
    for (let at = nextTick(line, since); at !== null && at < plan.time.until; at = nextTick(line, at)) {
      ticks.push({ job, at });
    }
  }
  return ticks;
}

function judgeTick(tries: readonly TickRun[], { plan }: LivedPlan): readonly string[] {
  const last = tries.at(-1);
  if (last === undefined) return ["it has no record"];
  const settled = tries.filter(isTickSettled);
  if (settled.length !== 1) return [`${settled.length} of its ${tries.length} records settle it`];
  if (tries.some(({ attempt }, index) => attempt !== index + 1)) return ["its attempts are not counted"];
  if (last.outcome === "skipped") {
    if (!isIn(plan.downtime, last.tickAt)) return [`it was skipped: ${last.error?.message}`];
    return last.error?.message === undefined ? ["it was skipped without a reason"] : [];
  }
  return [];
}

/** What ticks once a week, and was missed on the Sunday. */
const MADE_UP: readonly JobName[] = ["update-editions", "refresh-stale", "backfill-asn"];

/** What was missed is made up once, right after the downtime, or left out where it is of no use any more. */
export function judgeDowntime(runs: readonly TickRun[], { plan }: LivedPlan): readonly string[] {
  const missed = runs.filter(({ tickAt }) => isIn(plan.downtime, tickAt));
  const early = missed.filter(({ startedAt }) => startedAt < plan.downtime.until);
  return [
    ...early.map(({ job }) => `${job} ran while nothing could run`),
    ...MADE_UP.filter((job) =>
      missed.filter((run) => run.job === job && run.outcome === "succeeded").length !== 1
    )
      .map((job) => `${job} was not made up once`),
    ...missed.some(({ outcome }) => outcome === "skipped") ? [] : ["no tick was left out"],
  ];
}
