import { discardBody } from "../bounded_body.ts";
import { DeadlineError, withTimeout } from "../deadline.ts";
import { describeConnectionFailure } from "./connection_failure.ts";
import type { Refuse } from "./delivery.ts";
import type { HttpPeer } from "./http_peer.ts";
import { MAX_REDIRECTS, readRedirect } from "./http_redirect.ts";

/** One request. */
export interface HttpInquiry {
  readonly method: "GET" | "HEAD";
  /** Goes behind the peer's base address; begins with a slash. */
  readonly path: string;
  /** For the whole exchange, body included, in milliseconds. */
  readonly totalMs: number;
  readonly refuse: Refuse;
  readonly signal?: AbortSignal;
}

/** The answer after redirects, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Whether another origin than the peer's gave it. */
  readonly isForeign: boolean;
  /** Length of the body, where it was told. */
  readonly totalBytes: number | null;
  /** The body as it arrives, to be read once. Fails when it is shorter or longer than announced. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Asks once, following redirects by hand: credentials go to the peer's own origin alone. `use` gets the answer; the
 * connection ends with it. Throws `EditionDeliveryError` for whatever goes wrong with the connection, and the signal's
 * reason when the caller gives up.
 */
export async function exchange<T>(
  peer: HttpPeer,
  inquiry: HttpInquiry,
  use: (answer: HttpAnswer) => Promise<T>,
): Promise<T> {
  const { signal, totalMs } = inquiry;
  signal?.throwIfAborted();
  const stop = new AbortController();
  const timer = new AbortController();
  const onAbort = () => stop.abort(signal?.reason);
  signal?.addEventListener("abort", onAbort, { once: true });
  peer.clock.sleep(totalMs, timer.signal).then(() => stop.abort(new DeadlineError(totalMs)), () => undefined);
  try {
    return await use(await ask({ peer, inquiry, stop: stop.signal }));
  } finally {
    timer.abort();
    signal?.removeEventListener("abort", onAbort);
    // Frees the connection of an answer that was not read to its end.
    stop.abort();
  }
}

interface Session {
  readonly peer: HttpPeer;
  readonly inquiry: HttpInquiry;
  readonly stop: AbortSignal;
}

async function ask(session: Session): Promise<HttpAnswer> {
  const { peer, inquiry, stop } = session;
  let url = new URL(peer.base + inquiry.path);
  const { origin } = url;
  let isForeign = false;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const init: RequestInit = {
      method: inquiry.method,
      headers: headersFor(peer, isForeign),
      redirect: "manual",
      signal: stop,
    };
    const response = await wait(session, () => peer.fetch(url.href, init));
    const next = readRedirect(response, url, inquiry.refuse);
    if (next === null) return createAnswer(session, response, isForeign);
    discardBody(response);
    url = next;
    // Once elsewhere, nothing is told any more, wherever it leads.
    isForeign ||= url.origin !== origin;
  }
  throw inquiry.refuse("protocol", `the server redirects more than ${MAX_REDIRECTS} times`);
}

function headersFor({ userAgent, authorization }: HttpPeer, isForeign: boolean): Record<string, string> {
  // Identity: what arrives is then what was stored, and as long as it was announced.
  const headers = { "accept": "*/*", "accept-encoding": "identity", "user-agent": userAgent };
  return isForeign || authorization === null ? headers : { ...headers, authorization };
}

function createAnswer(session: Session, response: Response, isForeign: boolean): HttpAnswer {
  const { status, headers } = response;
  const totalBytes = readLength(headers);
  const chunks = session.inquiry.method === "HEAD" ? [] : readBody(session, response, totalBytes);
  return { status, headers, isForeign, totalBytes, chunks: toAsync(chunks) };
}

async function* toAsync(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

/** Null where the body was decoded on the way: its length is not the one that was announced. */
function readLength(headers: Headers): number | null {
  const encoding = headers.get("content-encoding") ?? "identity";
  const length = headers.get("content-length") ?? "";
  return encoding === "identity" && /^\d{1,15}$/.test(length) ? Number(length) : null;
}

async function* readBody(
  session: Session,
  response: Response,
  totalBytes: number | null,
): AsyncGenerator<Uint8Array> {
  const { refuse } = session.inquiry;
  let received = 0;
  if (response.body !== null) {
    const reader = response.body.getReader();
    try {
      const read = () => wait(session, () => reader.read(), received);
      for (let next = await read(); !next.done; next = await read()) {
        received += next.value.byteLength;
        yield next.value;
      }
    } finally {
      reader.cancel().catch(() => undefined);
    }
  }
  if (totalBytes === null || received === totalBytes) return;
  throw refuse("network", `the answer ended after ${received} of ${totalBytes} bytes`);
}

/** Waits for one step of the connection, no longer than it may be silent. */
async function wait<T>(session: Session, step: () => Promise<T>, received?: number): Promise<T> {
  const { peer: { clock, timeouts }, inquiry, stop } = session;
  try {
    return await withTimeout(step, { timeoutMs: timeouts.idleMs, clock, signal: stop });
  } catch (error) {
    if (inquiry.signal?.aborted) throw inquiry.signal.reason;
    const cause = stop.aborted ? stop.reason : error;
    if (cause instanceof DeadlineError) {
      const { idleMs } = timeouts;
      const state = stop.aborted
        ? `not done after ${inSeconds(inquiry.totalMs)}`
        : `nothing came for ${inSeconds(idleMs)}`;
      throw inquiry.refuse("network", state);
    }
    if (received !== undefined) {
      throw inquiry.refuse("network", `the answer broke off after ${received} bytes`);
    }
    const { failure, state } = describeConnectionFailure(error);
    throw inquiry.refuse(failure, state);
  }
}

function inSeconds(ms: number): string {
  return `${ms / 1_000} s`;
}
