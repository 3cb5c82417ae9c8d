import {
  backoffMs,
  type Clock,
  type FailureReason,
  type GreynoiseAnswer,
  type GreynoiseReply,
  type GreynoiseSource,
  type IpAddress,
  isRetryable,
  type LookupOutcome,
  type QuotaGrant,
  type QuotaLedger,
  type Random,
  RUN_BACKOFF,
  type SkipReason,
  StoreError,
} from "@ipcascade/core";
import { allSettled } from "./all_settled.ts";
import type { SourceCircuit } from "./source_circuit.ts";

/** Units taken from the ledger at a time: what a killed process loses at most. */
export const UNITS_A_RESERVATION = 10;

const MAX_ATTEMPTS = 3;

export type GreynoiseOutcome = LookupOutcome<GreynoiseAnswer>;
export type GreynoiseOutcomes = Map<string, GreynoiseOutcome>;

interface AskGreynoiseDeps {
  readonly greynoise: GreynoiseSource;
  readonly quota: QuotaLedger;
  readonly circuit: SourceCircuit;
  readonly clock: Clock;
  readonly random: Random;
}

interface AskGreynoiseOptions {
  /** Ends the asking; requests under way finish. */
  readonly stop?: AbortSignal;
  readonly abort?: AbortSignal;
  /** Requests for one address in one run, each counted in the ledger. Default 3. */
  readonly maxAttempts?: number;
  /** Part of the quota, 0 to 1, that the asking may bring the counter up to; absent: all of it. */
  readonly share?: number;
}

/** Why no further request leaves, once that is known. */
interface Closing {
  readonly reason: SkipReason;
  readonly until: number | null;
}

/**
 * Asks GreyNoise about distinct IPv4 addresses, in the order given, within quota. Every request is counted in the
 * ledger before it is sent; units of requests that certainly never left are given back.
 */
export async function askGreynoise(
  addresses: readonly IpAddress[],
  deps: AskGreynoiseDeps,
  options: AskGreynoiseOptions,
): Promise<GreynoiseOutcomes> {
  const outcomes: GreynoiseOutcomes = new Map();
  let closing: Closing | null = null;
  let start = 0;
  while (start < addresses.length && closing === null) {
    // A long run hears what other processes have learned with each part, not with each request.
    await deps.circuit.load();
    // After a pause one request tries the ground before the others follow.
    const size = deps.circuit.phase === "closed" ? UNITS_A_RESERVATION : 1;
    const part = addresses.slice(start, start + size);
    closing = await askPart(part, outcomes, deps, options);
    start += size;
  }
  for (const address of addresses) {
    if (closing === null || outcomes.has(address.text)) continue;
    outcomes.set(address.text, { status: "skipped", ...closing });
  }
  return outcomes;
}

async function askPart(
  part: readonly IpAddress[],
  outcomes: GreynoiseOutcomes,
  deps: AskGreynoiseDeps,
  options: AskGreynoiseOptions,
): Promise<Closing | null> {
  const gate = new RequestGate(deps, options);
  const closing = await gate.open(part.length);
  if (closing !== null) return closing;
  try {
    await allSettled(part.map(async (address) => {
      const outcome = await askOne(address, gate, deps, options);
      if (outcome !== null) outcomes.set(address.text, outcome);
    }));
  } finally {
    await gate.close();
  }
  return gate.closing;
}

/** Null when no request may leave any more. */
async function askOne(
  address: IpAddress,
  gate: RequestGate,
  deps: AskGreynoiseDeps,
  options: AskGreynoiseOptions,
): Promise<GreynoiseOutcome | null> {
  let outcome: GreynoiseOutcome | null = null;
  for (let attempt = 1; attempt <= (options.maxAttempts ?? MAX_ATTEMPTS); attempt++) {
    if (attempt > 1) {
      await deps.clock.sleep(backoffMs(attempt - 1, RUN_BACKOFF, deps.random), options.abort).catch(() => {});
    }
    if (!await gate.takeUnit()) return outcome;
    const isClosed = () => gate.isHalted;
    const reply = await deps.greynoise.lookUp(address, { signal: options.abort, isClosed });
    await gate.settle(reply);
    if (isNoAnswer(reply)) return outcome;
    outcome = reply.outcome;
    if (outcome.status !== "failed" || !isRetryable(outcome.failure.reason)) return outcome;
  }
  return outcome;
}

/** Running out of quota and giving up say nothing about the address: it is skipped, and held back by nothing. */
function isNoAnswer({ outcome, limited }: GreynoiseReply): boolean {
  if (outcome.status === "skipped" || limited !== null) return true;
  return outcome.status === "failed" && outcome.failure.reason === "aborted";
}

/** Lets requests of one reservation pass while quota, circuit and caller allow it. */
class RequestGate {
  readonly #deps: AskGreynoiseDeps;
  readonly #options: AskGreynoiseOptions;
  #grants: QuotaGrant[] = [];
  #units = 0;
  closing: Closing | null = null;
  /** True when not even requests that hold a unit may leave. */
  isHalted = false;

  constructor(deps: AskGreynoiseDeps, options: AskGreynoiseOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** Reserves up to `count` units; tells why nothing may be sent, when so. */
  async open(count: number): Promise<Closing | null> {
    if (this.#mustStop()) return this.closing;
    await this.#reserve(count);
    return this.#units > 0 ? null : this.closing;
  }

  /** Takes one unit for one request; false when none may be sent. */
  async takeUnit(): Promise<boolean> {
    if (this.isHalted || this.#mustStop()) return false;
    if (this.#units === 0 && this.closing === null) await this.#reserve(1);
    if (this.#units === 0) return false;
    this.#units--;
    if (await this.#deps.circuit.mayPass()) return true;
    this.#units++;
    this.#halt("circuit_open", this.#deps.circuit.openUntil);
    return false;
  }

  /** Books what came of one request. */
  async settle(reply: GreynoiseReply): Promise<void> {
    if (!reply.mayHaveArrived) this.#units++;
    const { circuit, clock, quota } = this.#deps;
    if (reply.outcome.status === "skipped") {
      this.#halt(reply.outcome.reason, reply.outcome.until);
      return await circuit.reportNothing();
    }
    if (reply.limited !== null) {
      const status = await quota.close("greynoise", {
        now: clock.now(),
        ...reply.limited,
        reason: "HTTP 429",
      });
      this.#halt("quota_exhausted", status.closedUntil);
      return await circuit.reportNothing();
    }
    if (reply.outcome.status !== "failed") return await circuit.reportSuccess();
    const { reason } = reply.outcome.failure;
    if (reason === "aborted") {
      this.#halt("stopped", null);
      return await circuit.reportNothing();
    }
    // A refusal of the address alone is an answer: the source is there.
    if (!countsAgainstSource(reason)) return await circuit.reportSuccess();
    await circuit.reportFailure(reason, reason === "unauthorized" ? { threshold: 1 } : {});
    if (circuit.phase === "open") this.#halt("circuit_open", circuit.openUntil);
  }

  /** Gives back the units that were not sent; where that fails they stay spent. */
  async close(): Promise<void> {
    for (const grant of this.#grants) {
      const unsent = Math.min(this.#units, grant.granted);
      this.#units -= unsent;
      if (unsent > 0) await this.#deps.quota.release(grant, unsent).catch(ignoreStoreError);
    }
  }

  #mustStop(): boolean {
    if (this.#options.stop?.aborted !== true && this.#options.abort?.aborted !== true) return false;
    this.#halt("stopped", null);
    return true;
  }

  async #reserve(count: number): Promise<void> {
    try {
      const { quota, clock } = this.#deps;
      const { share } = this.#options;
      const grant = await quota.reserve("greynoise", count, clock.now(), { share });
      this.#units += grant.granted;
      if (grant.granted > 0) this.#grants.push(grant);
      else this.#shut("quota_exhausted", grant.until);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#shut("quota_unknown", null);
    }
  }

  /** The first reason stands: what follows from it is no reason of its own. */
  #halt(reason: SkipReason, until: number | null): void {
    if (!this.isHalted) this.closing = { reason, until };
    this.isHalted = true;
  }

  /** No more units can be had; those that are held may still be used. */
  #shut(reason: SkipReason, until: number | null): void {
    this.closing ??= { reason, until };
  }
}

/** The next statement tells of a database that is gone; units are no reason to lose answers. */
function ignoreStoreError(error: unknown): void {
  if (!(error instanceof StoreError)) throw error;
}

/** Tells whether a failure says something about the source rather than about one address. */
export function countsAgainstSource(reason: FailureReason): boolean {
  return isRetryable(reason) || reason === "unauthorized" || reason === "garbage";
}
