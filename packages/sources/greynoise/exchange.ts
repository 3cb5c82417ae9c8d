import type { Clock, FailureReason, IpAddress } from "@ipcascade/core";
import { BodyTooLargeError, discardBody, readBoundedBody } from "../bounded_body.ts";
import { CONNECTION_STATES, gradeConnectionError } from "../connection_reason.ts";
import { DeadlineError, withTimeout } from "../deadline.ts";
import type { Fetch } from "../fetch.ts";
import { isCertainlyUnsent } from "./fetch_failure.ts";

/** What came of one request: a reply with as much of its body as matters, or a failure on the way. */
export type Exchange =
  | { readonly kind: "replied"; readonly status: number; readonly headers: Headers; readonly body: unknown }
  | {
    readonly kind: "failed";
    readonly reason: FailureReason;
    readonly state: string;
    readonly isUnsent: boolean;
  };

/** What one request needs. */
export interface ExchangeDeps {
  /** Sends the request. */
  readonly fetch: Fetch;
  /** Limits and stamps. */
  readonly clock: Clock;
  /** Setting `GREYNOISE_API_SERVER`: origin and perhaps a path. */
  readonly server: string;
  /** Null or empty asks without a key. */
  readonly apiKey: string | null;
  /** For the whole request, body included; 10 000 by default. */
  readonly timeoutMs?: number;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** An answer has about 300 bytes. */
const MAX_BODY_BYTES = 65_536;

/**
 * Prepares requests of `GET /v3/community/{ip}`; each one resolves, whatever happens. Throws `TypeError` when the
 * server is no URL or the key can't be a header; the message does not hold the key.
 */
export function createExchange(
  deps: ExchangeDeps,
): (address: IpAddress, signal?: AbortSignal) => Promise<Exchange> {
  const key = deps.apiKey?.trim() ?? "";
  if (!/^[\x21-\x7e]*$/.test(key)) {
    throw new TypeError("Cannot use the GreyNoise API key: it holds characters that no header may have");
  }
  if (!URL.canParse(deps.server)) throw new TypeError("Cannot use the GreyNoise server: it is no URL");
  // A connection of its own for each request: where one that was kept breaks, runtimes send the request again by
  // themselves, beside the ledger and the rate.
  const inquiry: Inquiry = {
    fetch: deps.fetch,
    clock: deps.clock,
    base: `${deps.server.replace(/\/+$/, "")}/v3/community/`,
    headers: { accept: "application/json", connection: "close", ...(key === "" ? {} : { key }) },
    timeoutMs: deps.timeoutMs ?? DEFAULT_TIMEOUT_MS,
  };
  return (address, signal) => ask(inquiry, address, signal);
}

interface Inquiry {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Ends before the address. */
  readonly base: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

async function ask(inquiry: Inquiry, address: IpAddress, signal?: AbortSignal): Promise<Exchange> {
  const { fetch, clock, base, headers, timeoutMs } = inquiry;
  let response: Response | undefined;
  try {
    return await withTimeout(async (stop): Promise<Exchange> => {
      // Redirects are not followed: the key would go along to another host.
      response = await fetch(base + address.text, { headers, redirect: "manual", signal: stop });
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
    const failure = describeFailure(error, { isReplying: response !== undefined, signal });
    return { kind: "failed", isUnsent: false, ...failure };
  }
}

/** Says what went wrong without the error's own words: some runtimes quote headers in them. */
function describeFailure(
  error: unknown,
  circumstances: { readonly isReplying: boolean; readonly signal?: AbortSignal },
): { readonly reason: FailureReason; readonly state: string; readonly isUnsent?: boolean } {
  if (circumstances.signal?.aborted) return { reason: "aborted", state: "the caller gave up" };
  if (isTimeout(error)) return { reason: "timeout", state: "no answer in time" };
  if (error instanceof BodyTooLargeError) return { reason: "garbage", state: "the answer is too large" };
  if (circumstances.isReplying) return { reason: "cut", state: "the answer broke off" };
  const reason = gradeConnectionError(error);
  return { reason, state: CONNECTION_STATES[reason], isUnsent: isCertainlyUnsent(error) };
}

/** The fetch that is passed in may have a time limit of its own. */
function isTimeout(error: unknown): boolean {
  return error instanceof DeadlineError || error instanceof Error && error.name === "TimeoutError";
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
