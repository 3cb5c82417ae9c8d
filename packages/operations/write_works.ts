import { formatInstant, type InventoryRow, mergeOutcomes } from "@ipcascade/core";
import type { EnrichDeps } from "./deps.ts";
import type { RunTally } from "./tally.ts";
import { needsSaving, type Work } from "./work.ts";

type WriteDeps = Pick<EnrichDeps, "clock" | "inventory" | "random">;

/** A row that was just made, and that nobody else has yet. */
type MergedRow = Omit<InventoryRow, "revision"> & { revision: number };

/** Rounds of writing a row that others keep changing. */
const MAX_ROUNDS = 20;

/** Writes what the inventory doesn't know yet; rows that others changed meanwhile are read and merged again. */
export async function writeWorks(works: readonly Work[], deps: WriteDeps, tally: RunTally): Promise<void> {
  let left = works.filter((work) => needsSaving(work));
  for (let round = 1; left.length > 0; round++) {
    const { random, clock, inventory } = deps;
    const now = clock.now();
    const nowText = formatInstant(now);
    const merged: MergedRow[] = left.map(({ row, pending, installed }) =>
      mergeOutcomes(row, pending, { now, nowText, installed, random })
    );
    const conflicts = new Set(await inventory.saveMany(merged));
    left.forEach((work, index) => {
      const row = merged[index]!;
      if (conflicts.has(row.ipAddress)) return;
      if (!work.counted) tally.stored++;
      work.counted = true;
      // The row is this function's own: a copy of it would take as long as the merge.
      row.revision++;
      work.row = row;
      work.stored = true;
      work.pending = {};
    });
    if (conflicts.size === 0) return;
    left = left.filter((work) => conflicts.has(work.row.ipAddress));
    if (left.length === 0) return;
    if (round === MAX_ROUNDS) {
      throw new Error(`Cannot store ${left.length} addresses: others keep changing them`);
    }
    await readWorksAgain(left, deps);
  }
}

/** Takes the rows as the inventory has them now. */
export async function readWorksAgain(
  works: readonly Work[],
  { inventory }: Pick<EnrichDeps, "inventory">,
): Promise<void> {
  if (works.length === 0) return;
  const rows = await inventory.findMany(works.map((work) => work.row.ipAddress));
  for (const work of works) {
    const row = rows.get(work.row.ipAddress);
    // A row that was deleted in between is written anew.
    work.row = row ?? { ...work.row, revision: 0 };
    work.stored = row !== undefined;
  }
}
