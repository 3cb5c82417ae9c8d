import {
  type InstalledEditions,
  type InventoryRow,
  type IpAddress,
  type LookupOutcome,
  SOURCE_NAMES,
  type SourceOutcomes,
} from "@ipcascade/core";

/** One distinct address of a batch on its way through the cascade. */
export interface Work {
  readonly address: IpAddress;
  row: InventoryRow;
  /** False until the inventory holds the row. */
  stored: boolean;
  /** What the sources said and the inventory doesn't know yet. */
  pending: SourceOutcomes;
  /** True when a source was really asked. */
  asked: boolean;
  /** True once the tally knows that the row was written; a large batch writes it more than once. */
  counted: boolean;
  /** The editions that the batch is read from; a switch between reading and storing doesn't change them. */
  readonly installed: InstalledEditions | null;
}

/** Tells whether MaxMind is installed and fails for an address, now or lately. */
export function isFailing(maxmind: LookupOutcome<unknown> | undefined): boolean {
  if (maxmind?.status === "skipped") return maxmind.reason === "backing_off";
  return maxmind?.status === "failed";
}

/** A row is written when it is new, when a source was asked, or when a source is considered for the first time. */
export function needsSaving(work: Work): boolean {
  const { pending, row } = work;
  if (!work.stored) return true;
  return SOURCE_NAMES.some((source) => {
    const outcome = pending[source];
    if (outcome === undefined) return false;
    return outcome.status !== "skipped" || row.attempts[source].outcome === null;
  });
}

/** Busiest first: what is seen most, then what was seen last. */
export function byActivity(a: Work, b: Work): number {
  return b.row.observationCount - a.row.observationCount || (b.row.lastSeenAt ?? 0) - (a.row.lastSeenAt ?? 0);
}
