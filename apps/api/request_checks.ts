import type { RouteConfig } from "@hono/zod-openapi";
import { z } from "@hono/zod-openapi";
import { quoteInput } from "@ipcascade/core";
import type { MiddlewareHandler } from "hono";
import type { ApiEnv } from "./api_deps.ts";
import { allowNames, listNames } from "./explain_issue.ts";
import { answerProblem } from "./problem.ts";

/** The only type of bodies that are read as a whole. */
const JSON_TYPE = "application/json";

/** What stands before a route's own checks: it refuses what those would pass over, or refuse without a reason. */
export function createRequestChecks(route: RouteConfig): readonly MiddlewareHandler<ApiEnv>[] {
  const checks: MiddlewareHandler<ApiEnv>[] = [];
  // What scrapes and probes may send queries that mean nothing.
  if (route.path.startsWith("/v1/")) checks.push(checkQueryNames(listNames(findPart(route, "query"))));
  if (findPart(route, "json") !== undefined) checks.push(checkJsonBody);
  return checks;
}

/** The schema of a part of the request; undefined where the route has none. */
export function findPart({ request }: RouteConfig, target: string): z.ZodType | undefined {
  switch (target) {
    case "query":
      return asSchema(request?.query);
    case "param":
      return asSchema(request?.params);
    case "header":
      return asSchema(request?.headers);
    case "json":
      return asSchema(readMediaSchema(request?.body?.content[JSON_TYPE]));
    default:
      return undefined;
  }
}

function readMediaSchema(media: object | undefined): unknown {
  return media !== undefined && "schema" in media ? media.schema : undefined;
}

/** Schemas that are not checked by the framework are none here. */
function asSchema(part: unknown): z.ZodType | undefined {
  return part instanceof z.ZodType ? part : undefined;
}

/** A misspelt parameter must not look as if it had worked. */
function checkQueryNames(allowed: readonly string[]): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    if (!c.req.url.includes("?")) return await next();
    const unknown = Object.keys(c.req.query()).find((name) => !allowed.includes(name));
    if (unknown === undefined) return await next();
    const detail = `Cannot take ${quoteInput(unknown)} in the query: ${allowNames(allowed)}`;
    return answerProblem(c, { status: 400, code: "BAD_USAGE", detail });
  };
}

const checkJsonBody: MiddlewareHandler<ApiEnv> = async (c, next) => {
  const type = (c.req.header("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
  if (type !== JSON_TYPE) {
    const detail = `Cannot read a body of type ${quoteInput(type)}: allowed as Content-Type is ${JSON_TYPE}`;
    return answerProblem(c, { status: 415, code: "UNSUPPORTED_BODY", detail });
  }
  const text = await c.req.text();
  if (isJson(text)) return await next();
  const detail = `Cannot read the body ${quoteInput(text)}: allowed is JSON`;
  return answerProblem(c, { status: 400, code: "BAD_USAGE", detail });
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
