import { OpenAPIHono, type RouteConfig } from "@hono/zod-openapi";
import type { ApiEnv } from "./api_deps.ts";
import { explainIssue } from "./explain_issue.ts";
import { answerProblem } from "./problem.ts";
import { createRequestChecks, findPart } from "./request_checks.ts";

type Router = OpenAPIHono<ApiEnv>;
type Hook = NonNullable<Parameters<Router["openapi"]>[2]>;

/**
 * A router whose requests are checked by their schemas, and for what no schema knows: what does not pass is a problem
 * that quotes it and says what is allowed.
 */
export function createRouter(): Router {
  const router = new OpenAPIHono<ApiEnv>();
  const declare = router.openapi;
  router.openapi = ((route: RouteConfig, handler: never, hook?: Hook) => {
    const middleware = [...createRequestChecks(route), ...listOf(route.middleware)];
    return declare({ ...route, middleware }, handler, hook ?? createHook(route));
  }) as Router["openapi"];
  return router;
}

function createHook(route: RouteConfig): Hook {
  return (result, c) => {
    if (result.success) return;
    const { target, error } = result;
    // Beside what the schema says of it there is what was read.
    const { data } = result as { readonly data?: unknown };
    const detail = explainIssue(error.issues[0], { target, data, schema: findPart(route, target) });
    return answerProblem(c, { status: 400, code: "BAD_USAGE", detail });
  };
}

function listOf<Item>(items: Item | readonly Item[] | undefined): readonly Item[] {
  if (items === undefined) return [];
  return Array.isArray(items) ? items : [items as Item];
}
