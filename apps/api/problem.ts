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
  location: z.string().optional().openapi({
    description: "The path of what stands in the way, such as the run that is under way",
  }),
}).openapi("Problem");

/** What a problem says. */
export interface Problem {
  readonly status: ContentfulStatusCode;
  readonly code: string;
  readonly detail: string;
  /** Seconds after which trying again makes sense. */
  readonly retryAfterS?: number;
  /** Where what the problem is about can be found: a path, as `Location` and as a member of the problem. */
  readonly location?: string;
  /** What the answer's head says besides, by lower-case name. */
  readonly headers?: Readonly<Record<string, string>>;
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  409: "Conflict",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  421: "Misdirected Request",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** The problem of a request that took too long; what a change sent to the database can't be withdrawn. */
export function describeGivenUp(mayBeDone: boolean): Problem {
  const detail = mayBeDone
    ? "The request took too long; the change may be made all the same, so look before it is sent again"
    : "The request took too long";
  return { status: 503, code: "GIVEN_UP", detail, retryAfterS: 5 };
}

/** Answers with a problem. */
export function answerProblem(c: Context<ApiEnv>, problem: Problem): Response {
  const { status, code, detail, retryAfterS, location } = problem;
  const body = {
    type: "about:blank",
    title: TITLES[status] ?? "Error",
    status,
    detail,
    code,
    request_id: c.get("requestId") ?? "",
    ...location === undefined ? {} : { location },
  };
  const headers: Record<string, string> = { "content-type": PROBLEM_TYPE, ...problem.headers };
  if (retryAfterS !== undefined) headers["retry-after"] = String(retryAfterS);
  if (location !== undefined) headers.location = location;
  return c.body(JSON.stringify(body), status, headers);
}

/** How a problem is declared. */
interface ProblemDescription {
  readonly description: string;
  readonly content: { readonly [PROBLEM_TYPE]: { readonly schema: typeof ProblemSchema } };
}

/** How a route declares its problems: a typed client knows their statuses. */
export function describeProblems<const Statuses extends readonly number[]>(
  ...statuses: Statuses
): { readonly [Status in Statuses[number]]: ProblemDescription } {
  return Object.fromEntries(statuses.map((status) => [status, {
    description: TITLES[status] ?? "Error",
    content: { [PROBLEM_TYPE]: { schema: ProblemSchema } },
  }])) as { readonly [Status in Statuses[number]]: ProblemDescription };
}
