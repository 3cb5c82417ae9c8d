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
  /** For one try. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const TRIES = 2;
/** Healthchecks keeps so much of a body (100 kB); the last of it says how the run ended. */
const MAX_BODY_BYTES = 100_000;

/** Pings a server that speaks as Healthchecks does: `/start`, then `/<exit status>` with the same run id. */
export function createJobPings(options: JobPingsOptions): JobPings {
  const { url, redact } = options;
  return {
    start: (job, runId) => ping(pingUrl(url, { job, runId, signal: "start" }), { job, body: "" }, options),
    end: (job, runId, { exitStatus, output }) => {
      const target = pingUrl(url, { job, runId, signal: String(exitStatus) });
      return ping(target, { job, body: redact(output) }, options);
    },
  };
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
}

async function ping(url: string, { job, body }: PingBody, options: JobPingsOptions): Promise<void> {
  const { log, timeoutMs = TIMEOUT_MS } = options;
  const bytes = lastBytes(body, MAX_BODY_BYTES);
  let reason: string | null = null;
  for (let tries = 0; tries < TRIES; tries++) {
    reason = await postText(url, { body: bytes, contentType: "text/plain; charset=utf-8", timeoutMs })
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
