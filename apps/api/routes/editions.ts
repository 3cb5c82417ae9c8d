import { createRoute } from "@hono/zod-openapi";
import { EditionStoreError, MS_PER_SECOND } from "@ipcascade/core";
import type { EditionStatusReport } from "@ipcascade/operations";
import type { ApiDeps } from "../api_deps.ts";
import { answerProblem, describeProblems } from "../problem.ts";
import { createRouter } from "../router.ts";
import { EditionStatusSchema } from "../schemas/editions.ts";
import { createSharedRuns } from "../shared_runs.ts";

/** The files are read from end to end to tell whether they are damaged; that is not done for each request. */
const KEEP_MS = 10 * MS_PER_SECOND;
const RETRY_AFTER_S = 5;

const getEditions = createRoute({
  method: "get",
  path: "/v1/editions",
  operationId: "readEditionStatus",
  tags: ["Editions"],
  summary: "Tells which editions serve, how old they are, and how updating stands",
  description:
    "Up to ten seconds old, but never older than a switch. No provider is asked. Editions in files need no database.",
  responses: {
    200: { description: "The report", content: { "application/json": { schema: EditionStatusSchema } } },
    ...describeProblems(503),
  },
});

/** Routes of editions. */
export function createEditionsRoutes({ operations }: ApiDeps) {
  const reports = createSharedRuns<EditionStatusReport>({
    work: () => operations.readEditionStatus(),
    clock: operations.clock,
    keepMs: KEEP_MS,
  });
  const findKey = createServingKey(operations.maxmind);
  return createRouter().openapi(getEditions, async (c) => {
    try {
      return c.json((await reports.join(findKey(), c.get("signal"))).value, 200);
    } catch (error) {
      if (!(error instanceof EditionStoreError)) throw error;
      const detail = "What is kept of editions can't be read now; its reason is in the server's log";
      operations.log.warn("Editions can't be read", { request: c.get("requestId"), reason: error.message });
      return answerProblem(c, { status: 503, code: error.code, detail, retryAfterS: RETRY_AFTER_S }) as never;
    }
  });
}

/** Gives another key whenever another pair of editions serves, so that what was said of the one before is not told. */
function createServingKey(maxmind: ApiDeps["operations"]["maxmind"]): () => string {
  let { installed } = maxmind;
  let switches = 0;
  return () => {
    if (maxmind.installed !== installed) switches++;
    installed = maxmind.installed;
    return `switch ${switches}`;
  };
}
