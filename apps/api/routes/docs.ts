import type { ApiDeps } from "../api_deps.ts";
import { createRouter } from "../router.ts";

/** Routes of docs. */
export function createDocsRoutes(_deps: ApiDeps) {
  return createRouter();
}
