import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { EnrichmentError, JobRunningError, LockHeldError, StoreError, UsageError } from "@ipcascade/core";
import type { Operations } from "@ipcascade/operations";
import { BodyCutError, BodyDamagedError, BodyStalledError } from "./addresses/body_bytes.ts";
import { findAccess } from "./access.ts";
import type { ApiEnv } from "./api_deps.ts";
import { answerProblem, describeGivenUp, type Problem } from "./problem.ts";
import { ServerEndingError } from "./traffic.ts";

/** Seconds after which a database that was away is worth another try. */
const RETRY_AFTER_S = 5;

/** Answers what a handler threw. What nobody expected is logged, and its text stays here. */
export function answerFailure(
  error: unknown,
  c: Context<ApiEnv>,
  { log }: Pick<Operations, "log">,
): Response {
  const problem = readProblem(error, c.get("signal"), findAccess(c.req.method, c.req.path) === "operate");
  if (problem !== null) return answerProblem(c, problem);
  const reason = error instanceof Error ? error.stack ?? String(error) : String(error);
  log.error("A request failed", { request: c.get("requestId"), reason });
  const code = error instanceof EnrichmentError ? error.code : "INTERNAL";
  const detail = "The request failed for a reason that is in the server's log";
  return answerProblem(c, { status: 500, code, detail });
}

/** What an error means to a caller; null for one that nobody expected. */
export function readProblem(error: unknown, signal?: AbortSignal, isChange = false): Problem | null {
  // The framework's word for a body that can't be read.
  if (error instanceof HTTPException && error.status < 500) {
    const detail = `Cannot read the request: ${error.message}`;
    return { status: error.status as ContentfulStatusCode, code: "BAD_USAGE", detail };
  }
  if (error instanceof BodyCutError || error instanceof BodyDamagedError) {
    return { status: 400, code: error.code, detail: error.message };
  }
  if (error instanceof BodyStalledError) return { status: 408, code: error.code, detail: error.message };
  const reason = signal?.aborted === true ? signal.reason : error;
  if (reason instanceof ServerEndingError) {
    return { status: 503, code: reason.code, detail: reason.message, retryAfterS: RETRY_AFTER_S };
  }
  if (error instanceof UsageError) return { status: 400, code: error.code, detail: error.message };
  if (error instanceof JobRunningError || error instanceof LockHeldError) {
    return { status: 409, code: error.code, detail: error.message };
  }
  if (error instanceof StoreError) {
    const detail = "The database can't be used now; offline look-ups go on";
    return { status: 503, code: error.code, detail, retryAfterS: RETRY_AFTER_S };
  }
  if (signal?.aborted === true) {
    return describeGivenUp(isChange);
  }
  return null;
}
