import {
  emptyRow,
  type InstalledEditions,
  type InventoryRow,
  type IpAddress,
  type LookupOutcome,
  planCymru,
  planGreynoise,
  type PlanOptions,
  type RemoteSource,
  type SkipReason,
  SOURCE_NAMES,
  type SourceName,
  type SourceOutcomes,
  type SourcePlan,
} from "@ipcascade/core";
import type { KnownRows } from "./known_rows.ts";
import type { BatchAddresses } from "./read_ahead.ts";
import type { RunTally } from "./tally.ts";

/** Outcomes by source, as they come in. */
export type PendingOutcomes = { -readonly [Source in SourceName]?: SourceOutcomes[Source] };

/** One distinct address of a batch on its way through the cascade. */
export interface Work {
  readonly address: IpAddress;
  row: InventoryRow;
  /** False until the inventory holds the row. */
  stored: boolean;
  /** What the sources said and the inventory doesn't know yet. */
  pending: PendingOutcomes;
  /** True when a source was really asked. */
  asked: boolean;
  /** True when a source was due and could not be asked. */
  isHeldBack: boolean;
  /** True once the tally knows that the row was written; a large batch writes it more than once. */
  counted: boolean;
  /** The editions that the batch is read from; a switch between reading and storing doesn't change them. */
  readonly installed: InstalledEditions | null;
}

/** The works of addresses before anybody was asked; idle ones have none, and the inventory may have no row of some. */
export function startWorks(
  addresses: BatchAddresses,
  { rows, idle }: Pick<KnownRows, "rows" | "idle">,
  installed: InstalledEditions | null,
): Work[] {
  const works: Work[] = [];
  for (const [text, { address, scope }] of addresses) {
    if (idle.has(text)) continue;
    const row = rows.get(text);
    works.push({
      address,
      row: row ?? emptyRow(text, scope),
      stored: row !== undefined,
      pending: {},
      asked: false,
      isHeldBack: false,
      counted: false,
      installed,
    });
  }
  return works;
}

/** Tells whether MaxMind is installed and fails for an address, now or lately. */
export function isFailing(maxmind: LookupOutcome<unknown> | undefined): boolean {
  if (maxmind?.status === "skipped") return maxmind.reason === "backing_off";
  return maxmind?.status === "failed";
}

/** Reasons that leave something to ask, unlike those by which there is nothing to ask. */
const HOLDING: ReadonlySet<SkipReason> = new Set<SkipReason>([
  "quota_exhausted",
  "quota_unknown",
  "rate_unknown",
  "circuit_open",
  "budget_spent",
  "backing_off",
  "claimed",
  "stopped",
]);

/** Notes what a source said, or why it was not asked. */
export function bookOutcome<Source extends SourceName>(
  work: Work,
  source: Source,
  outcome: NonNullable<SourceOutcomes[Source]>,
): void {
  if (outcome.status !== "skipped") work.asked = true;
  else if (HOLDING.has(outcome.reason)) work.isHeldBack = true;
  work.pending[source] = outcome;
}

/** Decides whether a remote source is asked about a work, by what MaxMind said last. */
export function planRemote(source: RemoteSource, work: Work, plan: PlanOptions): SourcePlan {
  const row = work.stored ? work.row : null;
  if (source === "greynoise") return planGreynoise(work.address, row, plan);
  const { maxmind } = work.pending;
  const newest = maxmind?.status === "hit"
    ? maxmind.data
    : maxmind?.status === "miss"
    ? undefined
    : work.row.enrichment.maxmind;
  return planCymru((newest?.asn ?? null) !== null, row, plan);
}

/** Counts one input of a work. */
export function countInput(work: Work, tally: RunTally): void {
  if (work.asked) tally.asked++;
  else if (work.isHeldBack) tally.heldBack++;
  else tally.fresh++;
}

/** A row is written when it is new, when a source was asked, or when a source is considered for the first time. */
export function needsSaving(work: Work): boolean {
  const { pending, row } = work;
  if (!work.stored) return true;
  for (const source of SOURCE_NAMES) {
    const outcome = pending[source];
    if (outcome === undefined) continue;
    if (outcome.status !== "skipped" || row.attempts[source].outcome === null) return true;
  }
  return false;
}

/** Busiest first: what is seen most, then what was seen last. */
export function byActivity(a: Work, b: Work): number {
  return b.row.observationCount - a.row.observationCount || (b.row.lastSeenAt ?? 0) - (a.row.lastSeenAt ?? 0);
}
