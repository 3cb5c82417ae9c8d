import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of metrics. */
export function createMetricsRoutes(_deps: ApiDeps) {
  return createRouter();
}
