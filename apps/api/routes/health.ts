import { createRoute, z } from "@hono/zod-openapi";
import { type HealthStatus, MS_PER_SECOND } from "@ipcascade/core";
import type { HealthReport } from "@ipcascade/operations";
import { renderHealthNagios } from "@ipcascade/render";
import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";
import { HealthReportSchema } from "../schemas/health.ts";
import { querySwitch } from "../schemas/query.ts";
import { createSharedRuns } from "../shared_runs.ts";

/** For so long a report is given to others as well: monitors ask more often than anything changes. */
const KEEP_MS = 10 * MS_PER_SECOND;

/** Of draft-inadarei-api-health-check. */
const HEALTH_TYPE = "application/health+json";

const content = {
  [HEALTH_TYPE]: { schema: HealthReportSchema },
  "text/plain": {
    schema: z.string().openapi({
      example: "IPCASCADE OK - all 23 checks are good | 'edition_city'=3;14;;0;\n",
    }),
  },
};

const getHealth = createRoute({
  method: "get",
  path: "/v1/health",
  operationId: "checkHealth",
  tags: ["Health"],
  summary: "Tells how everything stands, and what mends it",
  description:
    "The only report that speaks by its status. One check runs at a time, for up to five seconds; its report is given " +
    "to all who ask in the ten seconds after it. No provider is asked.",
  request: {
    query: z.object({
      strict: querySwitch("Makes `warn` a 503 as well"),
      format: z.enum(["json", "nagios"]).optional().openapi({
        description: "`nagios` is the output of a monitoring plugin, with the same status codes",
      }),
    }),
  },
  responses: {
    200: { description: "`pass`, or `warn` unless it is strict", content },
    503: { description: "`fail`, or `warn` where it is strict", content },
  },
});

/** Routes of health. */
export function createHealthRoutes({ operations }: ApiDeps) {
  const reports = createSharedRuns<HealthReport>({
    work: () => operations.checkHealth(),
    clock: operations.clock,
    keepMs: KEEP_MS,
  });
  return createRouter().openapi(getHealth, async (c) => {
    const { strict, format } = c.req.valid("query");
    const { value: report, ageMs } = await reports.join("health", c.get("signal"));
    c.header(
      "cache-control",
      `private, max-age=${Math.max(0, Math.floor((KEEP_MS - ageMs) / MS_PER_SECOND))}`,
    );
    const status = isHealthy(report.status, strict) ? 200 : 503;
    if (format === "nagios") return c.text(renderHealthNagios(report), status);
    return c.json(report, status, { "content-type": HEALTH_TYPE });
  });
}

function isHealthy(status: HealthStatus, isStrict: boolean): boolean {
  return status === "pass" || (status === "warn" && !isStrict);
}
