import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of editions. */
export function createEditionsRoutes(_deps: ApiDeps) {
  return createRouter();
}
