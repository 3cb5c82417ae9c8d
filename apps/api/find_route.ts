import type { Context } from "hono";
import { matchedRoutes } from "hono/route";
import type { ApiEnv } from "./api_deps.ts";

/** Stands for the routes that there are not: what callers make up is counted as one. */
const UNMATCHED = "unmatched";

/** Template of the route that a request met, such as `/v1/ips/:ip`. Middleware is none. */
export function findRoute(c: Context<ApiEnv>): string {
  for (const { path } of matchedRoutes(c)) if (path !== "/*" && path !== "*") return path;
  return UNMATCHED;
}
