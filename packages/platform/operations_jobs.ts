import { createHash } from "node:crypto";
import {
  createJobRunner,
  describeRun,
  type JobOperations,
  type JobRunner,
  listJobRuns,
  listJobs,
} from "@ipcascade/operations";
import { createSqlJobRuns } from "@ipcascade/store";
import { nextTick, previousTick } from "./cron_ticks.ts";
import { JOB_CATALOGUE } from "./jobs/mod.ts";
import { createSettingsPings } from "./open_alerts.ts";
import { describeOperator } from "./open_quota.ts";
import { openJobJournal, takeInRuns } from "./open_job_journal.ts";
import type { OperationParts } from "./open_operations.ts";
import { createRunId } from "./process_identity.ts";

/** Jobs that a process runs beside what else it does. */
export interface WiredJobs {
  readonly operations: JobOperations;
  /** Stops what runs and waits for its end. */
  close(): Promise<void>;
}

/** Wires the jobs. */
export function wireJobs(parts: OperationParts): WiredJobs {
  const { settings, log, shared, clock } = parts;
  const runs = createSqlJobRuns(shared.sql);
  const runner = wireRunner(parts);
  // What commands did beside an open embedded database is in files.
  const withAllRuns = async <T>(work: () => Promise<T>) => {
    await takeInRuns(shared.sql, settings, log);
    return await work();
  };
  return {
    operations: {
      listJobs: () =>
        withAllRuns(() => listJobs({ runs, clock, previousTick, nextTick, schedules: settings.schedules })),
      listJobRuns: (query) => withAllRuns(() => listJobRuns({ runs, clock }, query)),
      findJobRun: (id) =>
        withAllRuns(async () => {
          const run = await runs.find(id);
          return run === null ? null : describeRun(run, clock.now());
        }),
      startJob: (order) => withAllRuns(() => runner.start({ ...order, actor: describeActor(order.actor) })),
    },
    close: () => runner.close(),
  };
}

/** Who asked, and the process that does it: what a job makes lies on its machine. */
function describeActor(caller: string): string {
  return `${caller}, by ${describeOperator()}`;
}

function wireRunner({ settings, log, shared, clock, version, cascade }: OperationParts): JobRunner {
  return createJobRunner({
    runs: createSqlJobRuns(shared.sql),
    openJournal: async () => (await openJobJournal(settings, log, { database: shared.signs })).journal,
    pings: createSettingsPings(settings, log),
    clock,
    log,
    trigger: "http",
    // A server has connections for each piece of work, which wait for one that is away.
    work: async (job, control) => {
      try {
        return await JOB_CATALOGUE[job]({ ...control, settings, log, version, database: shared.borrowed });
      } finally {
        await takeOverEditions(cascade);
      }
    },
    createId: createRunId,
    digest: (text) => createHash("sha256").update(text).digest("hex"),
  });
}

/** What a run installed serves here when the run is over, not only at the next look. */
async function takeOverEditions({ maxmind }: Pick<OperationParts["cascade"], "maxmind">): Promise<void> {
  // A look that was under way may have begun before the switch.
  await maxmind.check();
  await maxmind.check();
}
