/** Lets callers pass at a bounded rate. */
export interface Limiter {
  /**
   * Resolves when the caller may go, in the order of the calls. Rejects with the signal's reason, or with a
   * `StoreError` when nobody knows whether the caller may go.
   */
  take(signal?: AbortSignal): Promise<void>;
}

/** Waits for the caller's turn. Null when it has come, else why nothing may be sent; does not reject. */
export async function waitTurn(
  limiter: Limiter,
  signal?: AbortSignal,
): Promise<"aborted" | "rate_unknown" | null> {
  try {
    await limiter.take(signal);
    return null;
  } catch {
    return signal?.aborted === true ? "aborted" : "rate_unknown";
  }
}
