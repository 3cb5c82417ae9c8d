import type { Fetch } from "@ipcascade/sources";

/** How the fetch behaves where a request does not say otherwise. */
export interface FetchOptions {
  /** For the whole exchange, body included, in milliseconds. */
  readonly timeoutMs: number;
  /** By default redirects are not followed: the caller sees the 3xx. */
  readonly redirect?: RequestRedirect;
  /** By default the runtime's own. */
  readonly fetch?: Fetch;
}

/** A fetch that gives up after `timeoutMs`; it then rejects with a `TimeoutError`, as does reading the body. */
export function createFetch(options: FetchOptions): Fetch {
  const { timeoutMs, redirect = "manual", fetch = globalThis.fetch } = options;
  return (url, init) => {
    const stop = new AbortController();
    const timeout = AbortSignal.timeout(timeoutMs);
    timeout.addEventListener("abort", () => stop.abort(timeout.reason), { once: true });
    const outer = init?.signal;
    if (outer?.aborted) stop.abort(outer.reason);
    // Bound to the timeout, so that a signal of the whole process does not collect listeners for ever.
    outer?.addEventListener("abort", () => stop.abort(outer.reason), { once: true, signal: timeout });
    return fetch(url, { redirect, ...init, signal: stop.signal });
  };
}
