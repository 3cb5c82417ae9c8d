import type { Log } from "@ipcascade/core";
import { changesState } from "./access.ts";
import type { ApiPolicy } from "./policy.ts";
import { PROBLEM_TYPE } from "./problem.ts";

/** What a line about a request says. */
export interface AccessLine {
  readonly request: string;
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly status: number;
  readonly ms: number;
  readonly client: string;
  /** `operate token 1`; null without a token. */
  readonly by: string | null;
}

/** A path longer than this is somebody's try. */
const MAX_PATH = 200;

/** Routes whose 503 is their report, not a failure to give it. */
const REPORT_PATHS: ReadonlySet<string> = new Set(["/v1/health", "/readyz"]);

/** True for a 503 that says how something stands: a monitor gets it as often as it asks, while something is wrong. */
export function isReported(path: string, { status, headers }: Pick<Response, "status" | "headers">): boolean {
  return status === 503 && REPORT_PATHS.has(path) && headers.get("content-type") !== PROBLEM_TYPE;
}

/** True when the log gets a line about an answer; `isReport` is what `isReported` says of it. */
export function isLogged(
  kind: ApiPolicy["accessLog"],
  method: string,
  status: number,
  isReport = false,
): boolean {
  if (kind !== "problems") return kind === "all";
  return (status >= 500 && !isReport) || status === 401 || status === 403 || changesState(method);
}

/** Writes the line of one request. */
export function logAccess(log: Log, line: AccessLine): void {
  const { path, ms, by, ...rest } = line;
  const fields = {
    ...rest,
    path: path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path,
    ms: Math.round(ms * 10) / 10,
    by: by ?? undefined,
  };
  if (line.status >= 500) log.warn("Request", fields);
  else log.info("Request", fields);
}
