import { createRoute, z } from "@hono/zod-openapi";
import type { ApiDeps } from "../api_deps.ts";
import type { Readiness } from "@ipcascade/operations";
import { createRouter } from "../router.ts";
import { createSharedRuns } from "../shared_runs.ts";

const LivenessSchema = z.object({ status: z.literal("alive"), version: z.string() }).openapi("Liveness");

const ReadinessSchema = z.object({
  operation: z.literal("check-readiness"),
  is_ready: z.boolean(),
  missing: z.array(z.string()).openapi({ description: "What is not there, each in one sentence" }),
}).openapi("Readiness");

const livez = createRoute({
  method: "get",
  path: "/livez",
  operationId: "checkLiveness",
  tags: ["Probes"],
  summary: "Tells that the process answers",
  responses: {
    200: { description: "It answers", content: { "application/json": { schema: LivenessSchema } } },
  },
});

const readyz = createRoute({
  method: "get",
  path: "/readyz",
  operationId: "checkReadiness",
  tags: ["Probes"],
  summary: "Tells whether requests can be served now",
  responses: {
    200: { description: "They can", content: { "application/json": { schema: ReadinessSchema } } },
    503: { description: "They can't", content: { "application/json": { schema: ReadinessSchema } } },
  },
});

/** Routes that schedulers of containers and load balancers ask. */
export function createProbeRoutes({ operations, version, traffic }: ApiDeps) {
  // No limit holds for probes: however many ask at once, the database is asked once.
  const looks = createSharedRuns<Readiness>({
    work: () => operations.checkReadiness(),
    clock: operations.clock,
  });
  return createRouter()
    .openapi(livez, (c) => c.json({ status: "alive" as const, version }, 200))
    .openapi(readyz, async (c) => {
      if (traffic?.isDraining === true) {
        const missing = ["The server is ending"];
        return c.json({ operation: "check-readiness" as const, is_ready: false, missing }, 503);
      }
      const { missing, ...readiness } = (await looks.join("ready", c.get("signal"))).value;
      return c.json({ ...readiness, missing: [...missing] }, readiness.is_ready ? 200 : 503);
    });
}
