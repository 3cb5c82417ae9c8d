import { OpenAPIHono } from "@hono/zod-openapi";
import { quoteInput } from "@ipcascade/core";
import type { ApiEnv } from "./api_deps.ts";
import { answerProblem } from "./problem.ts";

/** A router whose requests are checked by their schemas: what does not pass is a problem that quotes it. */
export function createRouter(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result, c) => {
      if (result.success) return;
      const [issue] = result.error.issues;
      const place = issue?.path.map(String).join(".") ?? "";
      const detail = `Cannot read ${place === "" ? "the request" : quoteInput(place)}: ${issue?.message}`;
      return answerProblem(c, { status: 400, code: "BAD_USAGE", detail });
    },
  });
}
