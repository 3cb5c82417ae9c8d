import type { IpAddress } from "./address.ts";
import { type Freshness, maxmindFreshness, remoteFreshness } from "./freshness.ts";
import type { SkipReason, SourceName } from "./outcome.ts";
import type { RowState } from "./row_state.ts";
import type { InstalledEditions } from "./source.ts";

/** What to do about one source for one address: ask, leave alone for a reason, or nothing as the answer is fresh. */
export type SourcePlan = "ask" | "fresh" | SkipReason;

/** What bears on a plan besides the row. */
export interface PlanOptions {
  readonly now: number;
  readonly installed: InstalledEditions | null;
  /** Sources that this run may ask. */
  readonly selected: ReadonlySet<SourceName>;
  /** Asks again even where the answer is fresh or backing off. */
  readonly refresh: boolean;
}

/** Decides whether MaxMind is read for an address. */
export function planMaxmind(row: RowState | null, options: PlanOptions): SourcePlan {
  if (!options.selected.has("maxmind")) return "not_selected";
  if (options.installed === null) return "no_edition";
  if (row === null || options.refresh) return "ask";
  return planByFreshness(maxmindFreshness(row, options.installed, options.now));
}

/** Decides whether Team Cymru is asked: only where MaxMind has no ASN, by its newest word. */
export function planCymru(
  hasMaxmindAsn: boolean,
  row: RowState | null,
  options: PlanOptions,
): SourcePlan {
  if (hasMaxmindAsn) return "not_needed";
  return planRemote("cymru", row, options);
}

/** Decides whether GreyNoise is asked: IPv4 only. */
export function planGreynoise(
  address: Pick<IpAddress, "family">,
  row: RowState | null,
  options: PlanOptions,
): SourcePlan {
  if (address.family === 6) return "not_applicable";
  return planRemote("greynoise", row, options);
}

function planRemote(
  source: "cymru" | "greynoise",
  row: RowState | null,
  options: PlanOptions,
): SourcePlan {
  if (!options.selected.has(source)) return "not_selected";
  if (row === null || options.refresh) return "ask";
  return planByFreshness(remoteFreshness(source, row, options.now));
}

function planByFreshness(freshness: Freshness): SourcePlan {
  return freshness === "stale" ? "ask" : freshness;
}
