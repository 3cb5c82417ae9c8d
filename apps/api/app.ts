import type { ApiDeps } from "./api_deps.ts";
import { answerFailure } from "./failure.ts";
import { createGate } from "./gate.ts";
import { createGuard } from "./guard.ts";
import { IpAnswers } from "./addresses/ip_answers.ts";
import { createHttpMeter } from "./http_meter.ts";
import { describeApi } from "./openapi.ts";
import { createQuickAnswers } from "./quick_answers.ts";
import { answerUnknown, listMethods } from "./methods.ts";
import { createPageRoutes } from "./pages/mod.ts";
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
  warnOfShortTokens(deps);
  const app = createRouter();
  const meter = createHttpMeter();
  const gate = createGate(deps, meter);
  const answers = new IpAnswers(deps.operations);
  app.use("*", createGuard(deps, gate));
  app.onError((error, c) => answerFailure(error, c, deps.operations));
  app.notFound((c) => answerUnknown(c, listMethods(app, c.req.path)));
  const byRoutes = app.fetch;
  const quickly = createQuickAnswers(gate, answers);
  app.fetch = (request, bindings = {}, context) => {
    const quick = quickly(request, bindings);
    return quick instanceof Response ? quick : byRoutes(request, quick, context);
  };
  return app
    .route("/", createProbeRoutes(deps))
    .route("/", createIpsRoutes(deps, answers))
    .route("/", createHealthRoutes(deps))
    .route("/", createQuotaRoutes(deps))
    .route("/", createEditionsRoutes(deps))
    .route("/", createCoverageRoutes(deps))
    .route("/", createDiagnosticsRoutes(deps))
    .route("/", createJobsRoutes(deps))
    .route("/", createMetricsRoutes(deps, meter))
    .route("/", createDocsRoutes({ ...deps, describe: () => describeApi(app, deps.version) }))
    .route("/", createPageRoutes(deps));
}

function warnOfShortTokens({ policy, operations: { log } }: ApiDeps): void {
  const short = policy.tokens.findIndex(({ isShort }) => isShort === true);
  if (short >= 0) log.warn("A token is quickly guessed, use a longer one", { entry: short + 1 });
}

/** The app's type, from which a typed client is made. */
export type Api = ReturnType<typeof createApp>;
