import { type ApiPolicy, createApp, DEFAULT_POLICY } from "@ipcascade/api";
import { formatInstant, JOB_NAMES, JOB_SCHEDULES, type JobName, JobRunningError } from "@ipcascade/core";
import type { JobOperations, JobOrder, ListedRun, Operations } from "@ipcascade/operations";
import { listenOnDeno } from "../apps/api/listen_deno.ts";

/** A dashboard on a real socket. */
export interface DashboardServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:40001`. */
  readonly address: string;
  /** Jobs that were started through it. */
  readonly orders: readonly JobOrder[];
}

/** Serves the pages over operations whose jobs begin and never end: nothing of them has to be waited for. */
export async function openDashboard(
  operations: Operations,
  policy: Partial<ApiPolicy> = {},
): Promise<DashboardServer> {
  const orders: JobOrder[] = [];
  const app = createApp({
    operations: { ...operations, ...scriptJobs(operations, orders) },
    policy: { ...DEFAULT_POLICY, ...policy },
    version: "0.1.0",
  });
  const listener = await listenOnDeno({
    host: "127.0.0.1",
    port: 0,
    answer: (request, bindings) => app.fetch(request, bindings),
    log: operations.log,
  });
  return {
    address: `http://127.0.0.1:${listener.port}`,
    orders,
    [Symbol.asyncDispose]: async () => {
      await listener.drain();
      await listener.close();
    },
  };
}

function scriptJobs({ clock, listJobs, listJobRuns }: Operations, orders: JobOrder[]) {
  const running = (job: JobName): ListedRun => ({
    id: crypto.randomUUID(),
    job,
    state: "running",
    started_by: "http",
    actor: "anybody",
    tick_at: null,
    attempt: 1,
    started_at: formatInstant(clock.now()),
    ended_at: null,
    duration_ms: 0,
    counts: {},
    message: null,
    error: null,
  });
  const isRunning = (job: JobName) => orders.some((order) => order.job === job);
  return {
    listJobs: async () => {
      const { runs } = await listJobRuns({ limit: 50 });
      const jobs = JOB_NAMES.map((name) => {
        const last = isRunning(name) ? running(name) : runs.find(({ job }) => job === name) ?? null;
        const isBad = last?.state === "failed";
        return {
          name,
          schedule: JOB_SCHEDULES[name],
          next_at: JOB_SCHEDULES[name] === null ? null : formatInstant(clock.now() + 3_600_000),
          grade: isBad ? "critical" as const : "ok" as const,
          state: isBad ? "failed" as const : "succeeded" as const,
          message: isBad ? `failed: ${last.error?.message}` : "ran with its last tick",
          last_run: last,
          last_success_at: null,
        };
      });
      const { scheduler } = await listJobs();
      return { operation: "list-jobs", jobs, scheduler } as const;
    },
    startJob: (order: JobOrder) => {
      if (isRunning(order.job)) {
        return Promise.reject(
          new JobRunningError(order.job, { id: "1", job: order.job, actor: "op@lab", startedAt: 0 }),
        );
      }
      orders.push(order);
      return Promise.resolve({ run: running(order.job), is_new: true });
    },
  } satisfies Partial<JobOperations>;
}
