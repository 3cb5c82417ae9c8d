import { createRoute, z } from "@hono/zod-openapi";
import { PROMETHEUS_TYPE, renderPrometheus } from "@ipcascade/render";
import type { ApiDeps } from "../api_deps.ts";
import type { HttpMeter } from "../http_meter.ts";
import { describeProblems } from "../problem.ts";
import { createRouter } from "../router.ts";

const getMetrics = createRoute({
  method: "get",
  path: "/metrics",
  operationId: "getMetrics",
  tags: ["Monitoring"],
  summary: "Gives what Prometheus scrapes",
  description: "Text format 0.0.4. What can't be had within a second is left out: with the database away " +
    "`ipcascade_database_up` is 0, and what the process itself knows is there. Counts of the inventory are at " +
    "most some minutes old, see `ipcascade_inventory_counted_timestamp_seconds`; they come with the second scrape.",
  responses: {
    200: {
      description: "The metrics",
      content: {
        [PROMETHEUS_TYPE]: {
          schema: z.string().openapi({
            example:
              "# HELP ipcascade_database_up 1 when the database answered this scrape within a second.\n" +
              "# TYPE ipcascade_database_up gauge\nipcascade_database_up 1\n",
          }),
        },
      },
    },
    ...describeProblems(401, 403),
  },
});

/** Routes of metrics. */
export function createMetricsRoutes({ operations }: ApiDeps, meter: HttpMeter) {
  return createRouter().openapi(getMetrics, async (c) => {
    const { metrics } = await operations.measure();
    const text = renderPrometheus([...metrics, ...meter.read()]);
    return c.body(text, 200, { "content-type": PROMETHEUS_TYPE, "cache-control": "no-store" }) as never;
  });
}
