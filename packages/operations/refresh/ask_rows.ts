import {
  type DueRow,
  formatInstant,
  type IpAddress,
  neverSeen,
  parseAddress,
  type RemoteSource,
  type SkipReason,
  type SourceAnswer,
  type SourceUpdate,
  updateFrom,
} from "@ipcascade/core";
import type { LookupOutcome } from "@ipcascade/core";
import { askCymru } from "../ask_cymru.ts";
import { askGreynoise, UNITS_A_RESERVATION } from "../ask_greynoise.ts";
import type { SourceCircuit } from "../source_circuit.ts";
import type { RefreshDeps, SourceRun } from "./deps.ts";

/** How the rows of a batch are asked about: `size` rows at a time, so many of such parts at once. */
interface Parts {
  readonly size: number;
  readonly atOnce: number;
}

/** Each of GreyNoise's answers cost quota, so they are stored a few at a time; two parts fill each other's pauses. */
export function partsOf(source: RemoteSource, batchSize: number): Parts {
  return source === "cymru"
    ? { size: batchSize, atOnce: 1 }
    : { size: Math.min(batchSize, UNITS_A_RESERVATION), atOnce: 2 };
}

/** Why a source is not asked any further. */
export interface Closing {
  readonly reason: SkipReason;
  readonly until: number | null;
}

/** What asking about some rows brought. */
export interface AskedRows {
  readonly outcomes: readonly LookupOutcome<SourceAnswer>[];
  readonly updates: readonly SourceUpdate[];
  /** Rows that were not asked about. */
  readonly left: readonly string[];
  readonly closing: Closing | null;
}

/** Asks a source about rows, each once. */
export async function askRows(
  source: RemoteSource,
  rows: readonly DueRow[],
  deps: RefreshDeps & { readonly circuit: SourceCircuit },
  run: SourceRun,
): Promise<AskedRows> {
  const addresses = rows.flatMap(({ ipAddress }) => parseAddress(ipAddress) ?? []);
  const answers = await ask(source, addresses, deps, run);
  const now = deps.clock.now();
  const options = { now, random: deps.random, onMiss: onMissOf(source, now) };
  const outcomes: LookupOutcome<SourceAnswer>[] = [];
  const updates: SourceUpdate[] = [];
  const left: string[] = [];
  let closing: Closing | null = null;
  for (const { ipAddress, failures } of rows) {
    const outcome = answers.get(ipAddress);
    if (outcome === undefined || outcome.status === "skipped") {
      left.push(ipAddress);
      if (outcome !== undefined) closing ??= { reason: outcome.reason, until: outcome.until };
      continue;
    }
    outcomes.push(outcome);
    updates.push(updateFrom(ipAddress, failures, outcome, options));
  }
  return { outcomes, updates, left, closing };
}

async function ask(
  source: RemoteSource,
  addresses: readonly IpAddress[],
  deps: RefreshDeps & { readonly circuit: SourceCircuit },
  { share, stop, abort }: SourceRun,
): Promise<ReadonlyMap<string, LookupOutcome<SourceAnswer>>> {
  if (source === "cymru") return await askCymru(addresses, deps, { abort });
  // A row that fails waits for its next attempt in the inventory: asking again at once would cost quota.
  return await askGreynoise(addresses, deps, { share, stop, abort, maxAttempts: 1 });
}

function onMissOf(source: RemoteSource, now: number): SourceAnswer | null {
  return source === "greynoise" ? neverSeen(formatInstant(now)) : null;
}
