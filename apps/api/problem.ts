import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { z } from "@hono/zod-openapi";
import type { ApiEnv } from "./api_deps.ts";

/** The media type of problems (RFC 9457). */
export const PROBLEM_TYPE = "application/problem+json";

/** A problem (RFC 9457), with a stable code. */
export const ProblemSchema = z.object({
  type: z.string().openapi({ example: "about:blank" }),
  title: z.string().openapi({ example: "Bad Request" }),
  status: z.number().int().openapi({ example: 400 }),
  detail: z.string().openapi({ example: 'Cannot read "999.1.1.1": it is no IP address' }),
  code: z.string().openapi({ description: "Stable, unlike the wording", example: "INVALID_ADDRESS" }),
  request_id: z.string(),
}).openapi("Problem");

/** What a problem says. */
export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly detail: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterS?: number;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Answers with a problem. */
export function answerProblem(c: Context<ApiEnv>, { status, code, detail, retryAfterS }: Problem): Response {
  const body = {
    type: "about:blank",
    title: TITLES[status] ?? "Error",
    status,
    detail,
    code,
    request_id: c.get("requestId") ?? "",
  };
  const headers: Record<string, string> = { "content-type": PROBLEM_TYPE };
  if (retryAfterS !== undefined) headers["retry-after"] = String(retryAfterS);
  return c.body(JSON.stringify(body), status, headers);
}

/** How a route declares its problems. */
export function describeProblems(...statuses: readonly number[]) {
  return Object.fromEntries(statuses.map((status) => [status, {
    description: TITLES[status] ?? "Error",
    content: { [PROBLEM_TYPE]: { schema: ProblemSchema } },
  }])) as Record<
    number,
    { description: string; content: Record<typeof PROBLEM_TYPE, { schema: typeof ProblemSchema }> }
  >;
}
