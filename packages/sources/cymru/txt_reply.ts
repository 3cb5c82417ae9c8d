import type { Clock, FailureReason } from "@ipcascade/core";
import { withTimeout } from "../deadline.ts";

/** What became of a question for TXT records. `none` is an answer: the name does not exist or has no such record. */
export type TxtReply =
  | { readonly status: "found"; readonly records: readonly string[] }
  | { readonly status: "none" }
  | { readonly status: "failed"; readonly reason: FailureReason };

/** How far to go with a question. */
export interface TxtOptions {
  /** Gives up before the time. */
  readonly signal?: AbortSignal;
  /** Longest time for the reply, in milliseconds. */
  readonly timeoutMs: number;
}

/** Asks DNS for the TXT records of a name, each one joined from its parts. Does not reject. */
export type ResolveTxt = (name: string, options: TxtOptions) => Promise<TxtReply>;

/** Holds a resolver to its word: one that never comes back or that rejects is a failure too. */
export function guardResolver(resolveTxt: ResolveTxt, clock: Clock): ResolveTxt {
  return async (name, { signal, timeoutMs }) => {
    try {
      const work = (stop: AbortSignal) => resolveTxt(name, { signal: stop, timeoutMs });
      const reply = await withTimeout(work, { timeoutMs, clock, signal });
      return signal?.aborted && reply.status === "failed" ? { status: "failed", reason: "aborted" } : reply;
    } catch {
      return { status: "failed", reason: signal?.aborted ? "aborted" : "timeout" };
    }
  };
}
