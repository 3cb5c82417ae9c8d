import type { Context, Hono } from "hono";
import type { ApiEnv } from "./api_deps.ts";
import { answerProblem } from "./problem.ts";

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

/** The methods that a path has routes for, with those that follow from them; none where there is nothing. */
export function listMethods({ router }: Pick<Hono<ApiEnv>, "router">, path: string): readonly string[] {
  // What stands before every route fits any method.
  const [everywhere] = router.match("NONE", path);
  const known: string[] = METHODS.filter((method) =>
    router.match(method, path)[0].length > everywhere.length
  );
  if (known.length === 0) return [];
  return [...known, ...known.includes("GET") ? ["HEAD"] : [], "OPTIONS"];
}

/** Answers what no route answers: 404, or which methods there are. */
export function answerUnknown(c: Context<ApiEnv>, methods: readonly string[]): Response {
  const { method } = c.req;
  if (methods.length === 0) {
    return answerProblem(c, { status: 404, code: "NOT_FOUND", detail: "There is nothing here; see /docs" });
  }
  const headers = { allow: methods.join(", ") };
  // No header of CORS: a page of another site that asks in advance is refused by its browser.
  if (method === "OPTIONS") return c.body(null, 204, headers);
  const detail = `Cannot ${method} here: allowed are ${headers.allow}`;
  return answerProblem(c, { status: 405, code: "METHOD_NOT_ALLOWED", detail, headers });
}
