import { createRoute } from "@hono/zod-openapi";
import { StoreError } from "@ipcascade/core";
import type { ApiDeps } from "../api_deps.ts";
import { describeProblems } from "../problem.ts";
import { createRouter } from "../router.ts";
import { QuotaOrderSchema, QuotaReportSchema, SetQuotaReportSchema } from "../schemas/quota.ts";

const getQuota = createRoute({
  method: "get",
  path: "/v1/quota",
  operationId: "checkQuota",
  tags: ["Quota"],
  summary: "Tells what is left of GreyNoise's quota, and when it will be empty",
  description:
    "200 whatever the grade: the body says it. Only health speaks by its status. No provider is asked.",
  responses: {
    200: { description: "The report", content: { "application/json": { schema: QuotaReportSchema } } },
    ...describeProblems(503),
  },
});

const putQuota = createRoute({
  method: "put",
  path: "/v1/quota",
  operationId: "setQuota",
  tags: ["Quota"],
  summary: "Sets GreyNoise's limit, until a 429 teaches another one or somebody sets the next",
  description: "Who asked is kept with what changed.",
  request: {
    body: { required: true, content: { "application/json": { schema: QuotaOrderSchema } } },
  },
  responses: {
    200: { description: "What changed", content: { "application/json": { schema: SetQuotaReportSchema } } },
    ...describeProblems(400, 503),
  },
});

/** Routes of quota. */
export function createQuotaRoutes({ operations }: ApiDeps) {
  return createRouter()
    .openapi(getQuota, async (c) => {
      const report = await operations.checkQuota();
      if (report.error !== null) throw new StoreError(report.message);
      return c.json(report, 200);
    })
    .openapi(putQuota, async (c) => {
      const { limit, period, used, reason } = c.req.valid("json");
      const actor = c.get("caller");
      const order = { policy: { limit, period }, used, reason, actor, signal: c.get("signal") };
      return c.json(await operations.setQuota(order), 200);
    });
}
