import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of diagnostics. */
export function createDiagnosticsRoutes(_deps: ApiDeps) {
  return createRouter();
}
