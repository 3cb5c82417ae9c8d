import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of jobs. */
export function createJobsRoutes(_deps: ApiDeps) {
  return createRouter();
}
