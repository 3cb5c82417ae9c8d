import type { Clock, GreynoiseSource, QuotaLedger } from "@ipcascade/core";
import type { AskGreynoiseOnce } from "./provider_probes.ts";

/** What one counted request needs. */
export interface GreynoiseOnceDeps {
  readonly greynoise: GreynoiseSource;
  /** Opens the ledger. Throws when it can't be: nothing is sent then. */
  readonly openLedger: () => Promise<QuotaLedger>;
  readonly clock: Clock;
}

/** Makes what asks GreyNoise once: the unit is reserved first, given back when nothing left, and a 429 is learned from. */
export function createAskGreynoiseOnce(
  { greynoise, openLedger, clock }: GreynoiseOnceDeps,
): AskGreynoiseOnce {
  return async (address, signal) => {
    const ledger = await openLedger();
    const grant = await ledger.reserve("greynoise", 1, clock.now());
    if (grant.granted === 0) return "no_quota";
    const reply = await greynoise.lookUp(address, { signal });
    if (!reply.mayHaveArrived) await ledger.release(grant, 1);
    const { outcome, limited } = reply;
    if (limited === null) return { outcome, closedUntil: null };
    const { closedUntil } = await ledger.close("greynoise", {
      now: clock.now(),
      ...limited,
      reason: "HTTP 429",
    });
    return { outcome, closedUntil };
  };
}
