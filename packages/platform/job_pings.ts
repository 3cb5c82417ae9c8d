import type { JobName, JobPings, Log } from "@ipcascade/core";
import { describeNotifierFailure } from "./notifier_failure.ts";
import { postText } from "./post_text.ts";
import { createUrlRedactor } from "./secrets.ts";

/** What pings are sent with. */
export interface JobPingsOptions {
  /** A secret. See `pingUrl` for its forms. */
  readonly url: string;
  readonly log: Log;
  /** Hides secrets in the output of runs. */
  readonly redact: (text: string) => string;
  /** For a ping with its tries. */
  readonly limitMs?: number;
}

/** A server that is silent delays the end of a job by so much at most. */
const LIMIT_MS = 10_000;
/** How much of its time the ping of the end waits for the one of the start: out of order they would mislead. */
const START_WAIT_SHARE = 0.2;
const TRIES = 2;
/** Healthchecks keeps so much of a body (100 kB); the last of it says how the run ended. */
const MAX_BODY_BYTES = 100_000;

/** Pings a server that speaks as Healthchecks does: `/start`, then `/<exit status>` with the same run id. */
export function createJobPings(options: JobPingsOptions): JobPings {
  const { url, redact, limitMs = LIMIT_MS } = options;
  const starts = new Map<string, StartedPing>();
  return {
    start: async (job, runId) => {
      const stop = new AbortController();
      const endsAt = performance.now() + limitMs;
      const target = pingUrl(url, { job, runId, signal: "start" });
      const done = ping(target, { job, body: "", endsAt, signal: stop.signal }, options);
      starts.set(runId, { done, stop });
      await done;
    },
    end: async (job, runId, { exitStatus, output }) => {
      const endsAt = performance.now() + limitMs;
      await waitForStart(starts.get(runId), limitMs * START_WAIT_SHARE);
      starts.delete(runId);
      const target = pingUrl(url, { job, runId, signal: String(exitStatus) });
      await ping(target, { job, body: redact(output), endsAt }, options);
    },
  };
}

interface StartedPing {
  /** Never rejects. */
  readonly done: Promise<void>;
  readonly stop: AbortController;
}

async function waitForStart(start: StartedPing | undefined, waitMs: number): Promise<void> {
  if (start === undefined) return;
  const late = () => start.stop.abort(new DOMException("The job has ended", "TimeoutError"));
  const timer = setTimeout(late, waitMs);
  await start.done;
  clearTimeout(timer);
}

/** What is told of which run. */
export interface Ping {
  readonly job: JobName;
  /** A UUID. */
  readonly runId: string;
  /** `start`, or the exit status. */
  readonly signal: string;
}

const PLACEHOLDER = /\{job\}|%7Bjob%7D/i;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Where a ping goes. A URL with `{job}` has one check for each job, and so has `https://hc-ping.com/<ping key>`; any
 * other is one check for all jobs together. A query, such as `create=1`, stays.
 */
export function pingUrl(base: string, { job, runId, signal }: Ping): string {
  const url = new URL(base);
  const path = url.pathname.replace(/\/+$/, "");
  const named = PLACEHOLDER.test(path)
    ? path.replace(PLACEHOLDER, job)
    : isPingKey(url)
    ? `${path}/${job}`
    : path;
  url.pathname = `${named}/${signal}`;
  url.searchParams.set("rid", runId);
  return url.href;
}

/** There a path of one segment is the id of a check or the key of a project. */
function isPingKey({ hostname, pathname }: URL): boolean {
  const segments = pathname.split("/").filter((segment) => segment !== "");
  return hostname === "hc-ping.com" && segments.length === 1 && !UUID.test(segments[0]!);
}

interface PingBody {
  readonly job: JobName;
  readonly body: string;
  /** By the clock of `performance`. */
  readonly endsAt: number;
  readonly signal?: AbortSignal;
}

async function ping(
  url: string,
  { job, body, endsAt, signal }: PingBody,
  { log }: JobPingsOptions,
): Promise<void> {
  const bytes = lastBytes(body, MAX_BODY_BYTES);
  let reason: string | null = "no answer in time";
  for (let tries = 0; tries < TRIES; tries++) {
    const timeoutMs = Math.ceil(endsAt - performance.now());
    if (timeoutMs <= 0 || signal?.aborted) break;
    reason = await postText(url, { body: bytes, contentType: "text/plain; charset=utf-8", timeoutMs, signal })
      .catch(describeNotifierFailure);
    // A server that answers has decided, unless it says that it is in trouble itself.
    if (reason === null || /^answered [1-4]/.test(reason)) break;
  }
  if (reason === null) return;
  log.error("Ping is not taken", { job, host: new URL(url).host, reason: createUrlRedactor(url)(reason) });
}

/** The end of a text, not longer than that, and whole in its first character. */
function lastBytes(text: string, maxBytes: number): Uint8Array<ArrayBuffer> {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length <= maxBytes) return bytes;
  let start = bytes.length - maxBytes;
  while (start < bytes.length && (bytes[start]! & 0xc0) === 0x80) start++;
  return bytes.slice(start);
}
