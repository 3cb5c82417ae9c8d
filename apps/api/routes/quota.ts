import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of quota. */
export function createQuotaRoutes(_deps: ApiDeps) {
  return createRouter();
}
