import { createRoute, z } from "@hono/zod-openapi";
import { quoteInput } from "@ipcascade/core";
import { type Diagnosis, DIAGNOSIS_TOPICS, type DiagnosisTopic } from "@ipcascade/operations";
import type { ApiDeps } from "../api_deps.ts";
import { answerProblem, describeProblems } from "../problem.ts";
import { createRouter } from "../router.ts";
import { DiagnosisSchema } from "../schemas/diagnosis.ts";
import { createSharedRuns } from "../shared_runs.ts";

const getDiagnosis = createRoute({
  method: "get",
  path: "/v1/diagnostics/{topic}",
  operationId: "diagnose",
  tags: ["Diagnostics"],
  summary: "Finds the most likely cause of a trouble, and says what to do",
  description:
    "Takes up to thirty seconds. One look at a topic runs at a time: who asks meanwhile gets the same report. Team " +
    "Cymru is asked about its own test addresses; GreyNoise's quota is not touched. Nothing is mended. 200 whatever " +
    "the grade.",
  request: {
    params: z.object({
      topic: z.string().openapi({
        param: { name: "topic", in: "path" },
        enum: [...DIAGNOSIS_TOPICS],
        example: "cymru",
      }),
    }),
  },
  responses: {
    200: { description: "The report", content: { "application/json": { schema: DiagnosisSchema } } },
    ...describeProblems(404, 503),
  },
});

/** Routes of diagnostics. */
export function createDiagnosticsRoutes({ operations }: ApiDeps) {
  const looks = createSharedRuns<Diagnosis>({
    work: (topic, signal) => operations.diagnose(topic as DiagnosisTopic, { signal }),
    clock: operations.clock,
    canStop: true,
  });
  return createRouter().openapi(getDiagnosis, async (c) => {
    const { topic } = c.req.valid("param");
    if (!isTopic(topic)) {
      const detail = `Cannot diagnose ${quoteInput(topic)}: allowed are ${DIAGNOSIS_TOPICS.join(", ")}`;
      return answerProblem(c, { status: 404, code: "UNKNOWN_TOPIC", detail }) as never;
    }
    return c.json((await looks.join(topic, c.get("signal"))).value, 200, { "cache-control": "no-store" });
  });
}

function isTopic(text: string): text is DiagnosisTopic {
  return DIAGNOSIS_TOPICS.some((topic) => topic === text);
}
