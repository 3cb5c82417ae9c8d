import type { ApiDeps } from "./api_deps.ts";
import { answerFailure } from "./failure.ts";
import { createGuard } from "./guard.ts";
import { createPageRoutes } from "./pages/mod.ts";
import { answerProblem } from "./problem.ts";
import { createRouter } from "./router.ts";
import { createCoverageRoutes } from "./routes/coverage.ts";
import { createDiagnosticsRoutes } from "./routes/diagnostics.ts";
import { createDocsRoutes } from "./routes/docs.ts";
import { createEditionsRoutes } from "./routes/editions.ts";
import { createHealthRoutes } from "./routes/health.ts";
import { createIpsRoutes } from "./routes/ips.ts";
import { createJobsRoutes } from "./routes/jobs.ts";
import { createMetricsRoutes } from "./routes/metrics.ts";
import { createProbeRoutes } from "./routes/probes.ts";
import { createQuotaRoutes } from "./routes/quota.ts";

/**
 * The HTTP door. It knows no runtime: `fetch` takes a request, and what the server knows about the connection, and
 * gives the response.
 */
export function createApp(deps: ApiDeps) {
  const app = createRouter();
  app.use("*", createGuard(deps));
  app.onError((error, c) => answerFailure(error, c, deps.operations));
  app.notFound((c) =>
    answerProblem(c, { status: 404, code: "NOT_FOUND", detail: "There is nothing here; see /docs" })
  );
  return app
    .route("/", createProbeRoutes(deps))
    .route("/", createIpsRoutes(deps))
    .route("/", createHealthRoutes(deps))
    .route("/", createQuotaRoutes(deps))
    .route("/", createEditionsRoutes(deps))
    .route("/", createCoverageRoutes(deps))
    .route("/", createDiagnosticsRoutes(deps))
    .route("/", createJobsRoutes(deps))
    .route("/", createMetricsRoutes(deps))
    .route("/", createDocsRoutes(deps))
    .route("/", createPageRoutes(deps));
}

/** The app's type, from which a typed client is made. */
export type Api = ReturnType<typeof createApp>;
