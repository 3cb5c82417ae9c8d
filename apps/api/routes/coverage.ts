import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import type { CoverageReport, NoCoverageReport } from "@ipcascade/operations";
import { renderCoverageCsv, renderCoverageMarkdown } from "@ipcascade/render";
import type { ApiDeps, ApiEnv } from "../api_deps.ts";
import { answerProblem, describeProblems } from "../problem.ts";
import { createRouter } from "../router.ts";
import { AlertListSchema } from "../schemas/alerts.ts";
import { CoverageReportSchema } from "../schemas/coverage.ts";
import { createSharedRuns } from "../shared_runs.ts";

const FORMATS = ["json", "markdown", "csv"] as const;
type Format = (typeof FORMATS)[number];

/** Keys of what is reported. */
const NEWEST = "newest";
const MONTH = "month ";

const TYPES = { markdown: "text/markdown; charset=utf-8", csv: "text/csv; charset=utf-8" } as const;

const getCoverage = createRoute({
  method: "get",
  path: "/v1/reports/coverage",
  operationId: "reportCoverage",
  tags: ["Reports"],
  summary: "Reports a month: coverage, countries, networks, scanners, quota and jobs",
  description:
    "A past month comes from its last daily snapshot and always reads the same; the present one is measured, which " +
    "reads the whole inventory once. `Accept: text/markdown` or `text/csv` choose a format as `format` does.",
  request: {
    query: z.object({
      month: z.string().optional().openapi({
        description:
          "`YYYY-MM`; without it the newest complete month with a snapshot, or else the present one",
        example: "2026-10",
      }),
      format: z.enum(FORMATS).optional(),
    }),
  },
  responses: {
    200: {
      description: "The report",
      content: {
        "application/json": { schema: CoverageReportSchema },
        "text/markdown": { schema: z.string() },
        "text/csv": { schema: z.string().openapi({ description: "RFC 4180, one figure a line" }) },
      },
    },
    ...describeProblems(400, 404, 503),
  },
});

const getAlerts = createRoute({
  method: "get",
  path: "/v1/alerts",
  operationId: "listAlerts",
  tags: ["Reports"],
  summary: "Lists what is wrong, since when, and what was told to whom",
  responses: {
    200: { description: "The list", content: { "application/json": { schema: AlertListSchema } } },
    ...describeProblems(503),
  },
});

/** Routes of reports on what was: coverage by the month, and alerts. */
export function createCoverageRoutes({ operations }: ApiDeps) {
  const reports = createSharedRuns<CoverageReport | NoCoverageReport>({
    work: (key) => operations.reportCoverage(key === NEWEST ? {} : { month: key.slice(MONTH.length) }),
    clock: operations.clock,
  });
  return createRouter()
    .openapi(getCoverage, async (c) => {
      const { month, format } = c.req.valid("query");
      const key = month === undefined ? NEWEST : MONTH + month;
      const { value: report } = await reports.join(key, c.get("signal"));
      c.header("vary", "Accept");
      if (report.status === "no_data") {
        return answerProblem(c, { status: 404, code: "NO_COVERAGE", detail: report.message }) as never;
      }
      const chosen = format ?? readAccepted(c);
      if (chosen === "json") return c.json(report, 200);
      const render = chosen === "csv" ? renderCoverageCsv : renderCoverageMarkdown;
      return c.body(render(report), 200, { "content-type": TYPES[chosen] }) as never;
    })
    .openapi(getAlerts, async (c) => c.json(await operations.listAlerts(), 200));
}

/** What the client asks for by media type; JSON where it takes anything, or nothing of ours. */
function readAccepted(c: Context<ApiEnv>): Format {
  const accept = c.req.header("accept") ?? "";
  if (/\bapplication\/json\b/.test(accept)) return "json";
  if (/\btext\/markdown\b/.test(accept)) return "markdown";
  return /\btext\/csv\b/.test(accept) ? "csv" : "json";
}
