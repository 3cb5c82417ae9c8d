import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of health. */
export function createHealthRoutes(_deps: ApiDeps) {
  return createRouter();
}
