import type { IpAddress } from "./address.ts";
import { type SkipReason, SOURCE_NAMES, type SourceName } from "./outcome.ts";
import { planCymru, planGreynoise, planMaxmind, type PlanOptions, type SourcePlan } from "./plan.ts";
import type { RowState } from "./row_state.ts";

/** Why sources are left alone about a row that stays as it is; one whose answer is fresh is absent. */
export type IdlePlan = Readonly<Partial<Record<SourceName, SkipReason>>>;

/**
 * The plan of a row about which nobody is asked and that is not written either. Null when a source is due, when one is
 * held back after a failure, or when the row has yet to say why one was left alone.
 */
export function planIdle(
  address: Pick<IpAddress, "family">,
  state: RowState,
  options: PlanOptions,
): IdlePlan | null {
  const plans: Readonly<Record<SourceName, SourcePlan>> = {
    maxmind: planMaxmind(state, options),
    cymru: planCymru(state.asnSource === "maxmind", state, options),
    greynoise: planGreynoise(address, state, options),
  };
  const idle: Partial<Record<SourceName, SkipReason>> = {};
  for (const source of SOURCE_NAMES) {
    const plan = plans[source];
    if (plan === "fresh") continue;
    if (plan === "ask" || plan === "backing_off") return null;
    if (state.attempts[source].outcome === null) return null;
    idle[source] = plan;
  }
  return idle;
}
