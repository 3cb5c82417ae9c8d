import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of coverage. */
export function createCoverageRoutes(_deps: ApiDeps) {
  return createRouter();
}
