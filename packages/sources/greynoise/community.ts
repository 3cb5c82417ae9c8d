import {
  type Clock,
  type FailureReason,
  formatInstant,
  type GreynoiseAnswer,
  type GreynoiseReply,
  type GreynoiseSource,
  type IpAddress,
  type LookupOutcome,
} from "@ipcascade/core";
import { BodyTooLargeError, discardBody, readBoundedBody } from "../bounded_body.ts";
import { DeadlineError, withTimeout } from "../deadline.ts";
import type { Fetch } from "../fetch.ts";
import type { Limiter } from "../token_bucket.ts";
import { isNeverSeen, readAnswer } from "./answer.ts";
import { isCertainlyUnsent } from "./fetch_failure.ts";
import { findQuota, readRetryAfter } from "./rate_limit.ts";

/** What asking GreyNoise needs. */
export interface GreynoiseSourceDeps {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Setting `GREYNOISE_API_SERVER`: origin and perhaps a path. */
  readonly server: string;
  /** Null or empty asks without a key. */
  readonly apiKey: string | null;
  /** Paces the requests. */
  readonly limiter: Limiter;
  /** For the whole request, body included; 10 000 by default. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** An answer has about 300 bytes. */
const MAX_BODY_BYTES = 65_536;

/**
 * GreyNoise Community, `GET /v3/community/{ip}`. Throws `TypeError` when the server is no URL or the key can't be
 * a header; the message does not hold the key.
 */
export function createGreynoiseSource(deps: GreynoiseSourceDeps): GreynoiseSource {
  const { clock, limiter } = deps;
  const request = readRequestSettings(deps);
  return {
    async lookUp(address, { signal }) {
      if (address.family !== 4) {
        return never({ status: "skipped", reason: "not_applicable", until: null });
      }
      try {
        await limiter.take(signal);
      } catch {
        return never(fail("aborted", "the caller gave up", 0));
      }
      const startedAt = clock.elapsed();
      const exchange = await ask(address, request, signal);
      return settle(exchange, {
        address,
        now: clock.now(),
        durationMs: Math.round(clock.elapsed() - startedAt),
      });
    },
  };
}

/** What came of one request: a reply with as much of its body as matters, or a failure on the way. */
type Exchange =
  | { readonly kind: "replied"; readonly status: number; readonly headers: Headers; readonly body: unknown }
  | {
    readonly kind: "failed";
    readonly reason: FailureReason;
    readonly state: string;
    readonly isUnsent: boolean;
  };

interface RequestSettings {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Ends before the address. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

function readRequestSettings(deps: GreynoiseSourceDeps): RequestSettings {
  const key = deps.apiKey?.trim() ?? "";
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw new TypeError("Cannot use the GreyNoise API key: it holds characters that no header may have");
  }
  if (!URL.canParse(deps.server)) {
    throw new TypeError(`Cannot use GreyNoise server "${deps.server}": it is no URL`);
  }
  return {
    fetch: deps.fetch,
    clock: deps.clock,
    url: `${deps.server.replace(/\/+$/, "")}/v3/community/`,
    headers: { accept: "application/json", ...(key === "" ? {} : { key }) },
    timeoutMs: deps.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
}

async function ask(address: IpAddress, request: RequestSettings, signal?: AbortSignal): Promise<Exchange> {
  const { fetch, clock, url, headers, timeoutMs } = request;
  let response: Response | undefined;
  try {
    return await withTimeout(async (stop): Promise<Exchange> => {
      // Redirects are not followed: the key would go along to another host.
      response = await fetch(url + address.text, { headers, redirect: "manual", signal: stop });
      return {
        kind: "replied",
        status: response.status,
        headers: response.headers,
        body: await readJson(response),
      };
    }, { timeoutMs, clock, signal });
  } catch (error) {
    // A 429 closes the source even when its body never comes.
    if (response?.status === 429) {
      return { kind: "replied", status: 429, headers: response.headers, body: undefined };
    }
    if (signal?.aborted) {
      return { kind: "failed", reason: "aborted", state: "the caller gave up", isUnsent: false };
    }
    if (error instanceof DeadlineError) {
      return {
        kind: "failed",
        reason: "timeout",
        state: `no answer within ${timeoutMs} ms`,
        isUnsent: false,
      };
    }
    if (error instanceof BodyTooLargeError) {
      return { kind: "failed", reason: "garbage", state: "the answer is too large", isUnsent: false };
    }
    if (response !== undefined) {
      return { kind: "failed", reason: "cut", state: "the answer broke off", isUnsent: false };
    }
    // The error itself is left out: some runtimes quote headers in it.
    const isUnsent = isCertainlyUnsent(error);
    return { kind: "failed", reason: "unreachable", state: "the connection failed", isUnsent };
  }
}

/** Reads the body of a reply that says something in JSON; undefined when it is none. */
async function readJson(response: Response): Promise<unknown> {
  if (![200, 404, 429].includes(response.status)) {
    discardBody(response);
    return undefined;
  }
  const bytes = await readBoundedBody(response, MAX_BODY_BYTES);
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

interface Circumstances {
  readonly address: IpAddress;
  readonly now: number;
  readonly durationMs: number;
}

function settle(exchange: Exchange, { address, now, durationMs }: Circumstances): GreynoiseReply {
  if (exchange.kind === "failed") {
    const outcome = fail(exchange.reason, exchange.state, durationMs);
    return { outcome, mayHaveArrived: !exchange.isUnsent, limited: null };
  }
  const { status, headers, body } = exchange;
  const arrived = (outcome: LookupOutcome<GreynoiseAnswer>): GreynoiseReply => {
    return { outcome, mayHaveArrived: true, limited: null };
  };
  if (status === 200) {
    const facts = readAnswer(body, address);
    if (facts === null) return arrived(fail("garbage", "the answer is not about the address", durationMs));
    return arrived({ status: "hit", data: { ...facts, checked_at: formatInstant(now) }, durationMs });
  }
  if (status === 404 && isNeverSeen(body, address)) return arrived({ status: "miss", durationMs });
  const limited = status === 429
    ? { learned: findQuota(body), retryAt: readRetryAfter(headers.get("retry-after"), now) }
    : null;
  return { ...arrived(fail(gradeStatus(status), `the server answered ${status}`, durationMs)), limited };
}

function gradeStatus(status: number): FailureReason {
  if (status === 401 || status === 403) return "unauthorized";
  if (status === 429) return "rate_limited";
  if (status >= 500) return "server_error";
  // A page that is missing is another server's word; so is a redirect (status 0 on some runtimes).
  if (status === 404 || status < 400) return "garbage";
  return "rejected";
}

function fail(reason: FailureReason, state: string, durationMs: number): LookupOutcome<GreynoiseAnswer> {
  return { status: "failed", failure: { reason, message: `Cannot ask GreyNoise: ${state}` }, durationMs };
}

function never(outcome: LookupOutcome<GreynoiseAnswer>): GreynoiseReply {
  return { outcome, mayHaveArrived: false, limited: null };
}
