import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** The dashboard: pages for people, their style and their script. */
export function createPageRoutes(_deps: ApiDeps) {
  return createRouter();
}
