import {
  backoffMs,
  type Clock,
  type CymruAnswer,
  type CymruSource,
  type FailureReason,
  type IpAddress,
  isRetryable,
  isSilence,
  type LookupOutcome,
  type Random,
  RUN_BACKOFF,
} from "@ipcascade/core";
import type { SourceCircuit } from "./source_circuit.ts";

/** Most addresses in one bulk session (Team Cymru's advice). */
export const CYMRU_SESSION_LIMIT = 10_000;

/** Sessions for the same addresses: the second one asks for what the first did not bring. */
const MAX_ATTEMPTS = 2;

/** Bad answers to single questions in a row that open the circuit: five addresses, asked twice each. */
const SINGLE_THRESHOLD = 10;

/** What Cymru said, by canonical address. */
export type CymruOutcomes = Map<string, LookupOutcome<CymruAnswer>>;

interface AskCymruDeps {
  readonly cymru: CymruSource;
  readonly circuit: SourceCircuit;
  readonly clock: Clock;
  readonly random: Random;
}

/** Asks Team Cymru about distinct addresses: one session for up to 10 000, a second for what is missing. */
export async function askCymru(
  addresses: readonly IpAddress[],
  deps: AskCymruDeps,
  options: { readonly abort?: AbortSignal; readonly onProgress?: (answered: number) => void },
): Promise<CymruOutcomes> {
  const outcomes: CymruOutcomes = new Map();
  for (let start = 0; start < addresses.length; start += CYMRU_SESSION_LIMIT) {
    const part = addresses.slice(start, start + CYMRU_SESSION_LIMIT);
    await askPart(part, outcomes, deps, options);
  }
  return outcomes;
}

async function askPart(
  part: readonly IpAddress[],
  outcomes: CymruOutcomes,
  deps: AskCymruDeps,
  options: { readonly abort?: AbortSignal; readonly onProgress?: (answered: number) => void },
): Promise<void> {
  let left = part;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && left.length > 0; attempt++) {
    if (attempt > 1) {
      await deps.clock.sleep(backoffMs(attempt - 1, RUN_BACKOFF, deps.random), options.abort).catch(() => {});
    }
    if (options.abort?.aborted) break;
    // Others may have learned something during the session before.
    await deps.circuit.load();
    if (!await deps.circuit.mayPass()) break;
    const done = outcomes.size - left.filter((address) => outcomes.has(address.text)).length;
    const replies = await deps.cymru.lookUpMany(left, {
      signal: options.abort,
      onProgress: (answered) => options.onProgress?.(done + answered),
    });
    for (const [address, outcome] of replies) {
      if (!isAborted(outcome)) outcomes.set(address, outcome);
    }
    await reportReplies(replies, deps.circuit);
    left = left.filter((address) => mayRetry(outcomes.get(address.text)));
  }
  for (const address of left) {
    if (outcomes.has(address.text)) continue;
    outcomes.set(address.text, {
      status: "skipped",
      ...options.abort?.aborted
        ? { reason: "stopped", until: null }
        : { reason: "circuit_open", until: deps.circuit.openUntil },
    });
  }
}

/** Giving up says nothing about the address: nothing may hold its next attempt back. */
function isAborted(outcome: LookupOutcome<CymruAnswer>): boolean {
  return outcome.status === "failed" && outcome.failure.reason === "aborted";
}

function mayRetry(outcome: LookupOutcome<CymruAnswer> | undefined): boolean {
  if (outcome === undefined) return true;
  return outcome.status === "failed" && isRetryable(outcome.failure.reason);
}

/**
 * Replies with any answer show that Cymru talks to us; a session that brought none is a failure. A single question
 * that was answered badly may be about one broken zone: it takes more of them than of silence.
 */
async function reportReplies(replies: CymruOutcomes, circuit: SourceCircuit): Promise<void> {
  let reason: FailureReason | null = null;
  for (const outcome of replies.values()) {
    if (outcome.status === "hit" || outcome.status === "miss") return await circuit.reportSuccess();
    if (outcome.status === "failed") reason ??= outcome.failure.reason;
  }
  if (reason === null || reason === "aborted") return await circuit.reportNothing();
  const isClear = replies.size > 1 || isSilence(reason);
  await circuit.reportFailure(reason, isClear ? {} : { threshold: SINGLE_THRESHOLD });
}
