import type { Context } from "hono";
import { EnrichmentError, JobRunningError, LockHeldError, StoreError, UsageError } from "@ipcascade/core";
import type { Operations } from "@ipcascade/operations";
import type { ApiEnv } from "./api_deps.ts";
import { answerProblem, type Problem } from "./problem.ts";

/** Seconds after which a database that was away is worth another try. */
const RETRY_AFTER_S = 5;

/** Answers what a handler threw. What nobody expected is logged, and its text stays here. */
export function answerFailure(
  error: unknown,
  c: Context<ApiEnv>,
  { log }: Pick<Operations, "log">,
): Response {
  const problem = readProblem(error, c.get("signal"));
  if (problem !== null) return answerProblem(c, problem);
  const reason = error instanceof Error ? error.stack ?? String(error) : String(error);
  log.error("A request failed", { request: c.get("requestId"), reason });
  const detail = "The request failed for a reason that is in the server's log";
  return answerProblem(c, { status: 500, code: "INTERNAL", detail });
}

/** What an error means to a caller; null for one that nobody expected. */
export function readProblem(error: unknown, signal?: AbortSignal): Problem | null {
  if (error instanceof UsageError) return { status: 400, code: error.code, detail: error.message };
  if (error instanceof JobRunningError || error instanceof LockHeldError) {
    return { status: 409, code: error.code, detail: error.message };
  }
  if (error instanceof StoreError) {
    const detail = "The database can't be used now; offline look-ups go on";
    return { status: 503, code: error.code, detail, retryAfterS: RETRY_AFTER_S };
  }
  if (signal?.aborted === true) {
    return { status: 503, code: "GIVEN_UP", detail: "The request took too long", retryAfterS: RETRY_AFTER_S };
  }
  if (error instanceof EnrichmentError) return { status: 500, code: error.code, detail: error.message };
  return null;
}
