import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { JOB_NAMES, type JobName, JobRunningError, quoteInput } from "@ipcascade/core";
import type { ListedRun } from "@ipcascade/operations";
import type { ApiDeps, ApiEnv } from "../api_deps.ts";
import { answerProblem, describeProblems } from "../problem.ts";
import { createRouter } from "../router.ts";
import { asWritten, JobListSchema, RunListSchema, RunSchema } from "../schemas/job.ts";

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 1_000;
const KEY = /^[\x21-\x7e]{1,200}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const name = z.string().openapi({
  param: { name: "name", in: "path" },
  description: `One of ${JOB_NAMES.join(", ")}`,
  example: "refresh-stale",
});

const location = {
  Location: { description: "The path of the run", schema: { type: "string" as const } },
};

const listJobs = createRoute({
  method: "get",
  path: "/v1/jobs",
  operationId: "listJobs",
  tags: ["Jobs"],
  summary: "Lists every job with its schedule, how it stands and its last run",
  responses: {
    200: { description: "The jobs", content: { "application/json": { schema: JobListSchema } } },
    ...describeProblems(503),
  },
});

const listRuns = createRoute({
  method: "get",
  path: "/v1/jobs/{name}/runs",
  operationId: "listJobRuns",
  tags: ["Jobs"],
  summary: "Lists the newest runs of a job, whoever started them",
  request: {
    params: z.object({ name }),
    query: z.object({
      limit: z.coerce.number().int().min(1).max(MAX_LIMIT).default(DEFAULT_LIMIT).openapi({
        description: `Runs at most, 1 to ${MAX_LIMIT}`,
        example: DEFAULT_LIMIT,
      }),
    }),
  },
  responses: {
    200: { description: "The runs", content: { "application/json": { schema: RunListSchema } } },
    ...describeProblems(400, 404, 503),
  },
});

const getRun = createRoute({
  method: "get",
  path: "/v1/jobs/{name}/runs/{id}",
  operationId: "getJobRun",
  tags: ["Jobs"],
  summary: "Tells how a run goes, or how it ended",
  request: {
    params: z.object({
      name,
      id: z.string().openapi({
        param: { name: "id", in: "path" },
        example: "0f6c1e52-8f0e-4f0e-9a8e-2f6a1f0f7a11",
      }),
    }),
  },
  responses: {
    200: { description: "The run", content: { "application/json": { schema: RunSchema } } },
    ...describeProblems(404, 503),
  },
});

const startRun = createRoute({
  method: "post",
  path: "/v1/jobs/{name}/runs",
  operationId: "startJobRun",
  tags: ["Jobs"],
  summary: "Begins a run of a job and answers at once; the run goes on",
  description:
    "At most one run of a job is under way, whoever started it. `Idempotency-Key` names the request: " +
    "sent again, it begins no second run, and the first one is answered with 200 instead of 202. Ask the " +
    "address in `Location` how the run goes.",
  request: {
    params: z.object({ name }),
    headers: z.object({
      "idempotency-key": z.string().regex(KEY, "allowed are 1 to 200 visible ASCII characters").optional()
        .openapi({
          description:
            "A name of this request, such as a UUID; it is kept as a digest for as long as the run",
          example: "8e03978e-40d5-43dd-bc93-6894a57f9324",
        }),
    }),
  },
  responses: {
    200: {
      description: "The run that was begun with this key before",
      headers: location,
      content: { "application/json": { schema: RunSchema } },
    },
    202: {
      description: "A run was begun",
      headers: location,
      content: { "application/json": { schema: RunSchema } },
    },
    ...describeProblems(400, 404, 409, 503),
  },
});

/** Routes of jobs. */
export function createJobsRoutes({ operations }: ApiDeps) {
  return createRouter()
    .openapi(listJobs, async (c) => c.json(asWritten(await operations.listJobs()), 200))
    .openapi(listRuns, async (c) => {
      const { name } = c.req.valid("param");
      if (!isJobName(name)) return answerNoJob(c, name) as never;
      const { limit } = c.req.valid("query");
      return c.json(asWritten(await operations.listJobRuns({ job: name, limit })), 200);
    })
    .openapi(getRun, async (c) => {
      const { name, id } = c.req.valid("param");
      if (!isJobName(name)) return answerNoJob(c, name) as never;
      const run = UUID.test(id) ? await operations.findJobRun(id) : null;
      if (run === null || run.job !== name) return answerNoRun(c, name, id) as never;
      return c.json(asWritten(run), 200);
    })
    .openapi(startRun, async (c) => {
      const { name } = c.req.valid("param");
      if (!isJobName(name)) return answerNoJob(c, name) as never;
      const key = c.req.valid("header")["idempotency-key"];
      try {
        const { run, is_new } = await operations.startJob({
          job: name,
          actor: c.get("caller"),
          key,
          signal: c.get("signal"),
        });
        return c.json(asWritten(run), is_new ? 202 : 200, { location: pathOf(run) });
      } catch (error) {
        if (error instanceof JobRunningError) return answerRunning(c, error) as never;
        throw error;
      }
    });
}

function isJobName(name: string): name is JobName {
  return (JOB_NAMES as readonly string[]).includes(name);
}

function pathOf({ job, id }: Pick<ListedRun, "job" | "id">): string {
  return `/v1/jobs/${job}/runs/${id}`;
}

function answerNoJob(c: Context<ApiEnv>, name: string): Response {
  const detail = `There is no job ${quoteInput(name)}; there are ${JOB_NAMES.join(", ")}`;
  return answerProblem(c, { status: 404, code: "NO_JOB", detail });
}

function answerNoRun(c: Context<ApiEnv>, job: JobName, id: string): Response {
  const detail = `There is no run ${quoteInput(id)} of ${job}; see /v1/jobs/${job}/runs`;
  return answerProblem(c, { status: 404, code: "NO_RUN", detail });
}

function answerRunning(c: Context<ApiEnv>, { code, message, runJob, runId }: JobRunningError): Response {
  const location = pathOf({ job: runJob, id: runId });
  return answerProblem(c, { status: 409, code, detail: message, location });
}
