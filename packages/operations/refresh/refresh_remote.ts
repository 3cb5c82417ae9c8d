import {
  classifyScope,
  type Cursor,
  type DueQuery,
  type DueRow,
  type InstalledEditions,
  MS_PER_SECOND,
  parseAddress,
  type RemoteSource,
  type WorkHolder,
} from "@ipcascade/core";
import { allSettled } from "../all_settled.ts";
import { SourceCircuit } from "../source_circuit.ts";
import { type AskedRows, askRows, type Closing, partsOf } from "./ask_rows.ts";
import { ListedRows } from "./listed_rows.ts";
import type { RefreshDeps, SourceRun } from "./deps.ts";
import { readMaxmind } from "./read_maxmind.ts";
import type { RefreshTally } from "./refresh_tally.ts";

/** Addresses listed at a time: the busiest are found by sorting what is due, so a listing serves several batches. */
const LISTED = 20_000;
/** Rows that are marked in one transaction; finding them sorts what is due each time. */
const MARKED = 25_000;
/** How long rows of others are waited for at the end: longer than a killed worker holds them. */
const MAX_WAIT_MS = 40 * MS_PER_SECOND;
const WAIT_STEP_MS = MS_PER_SECOND;

/** Asks Team Cymru or GreyNoise about due rows; the rows are claimed first, so that several workers share them. */
export async function refreshRemote(
  source: RemoteSource,
  deps: RefreshDeps,
  run: SourceRun,
  tally: RefreshTally,
): Promise<void> {
  if (source === "greynoise" && run.share === 0) {
    const due = await deps.refresh.countDue(source, { now: run.now, filter: run.filter, force: run.force });
    tally.remaining = due;
    return tally.skip("budget_spent", due);
  }
  await using holder = await deps.refresh.openHolder(deps.owner);
  await new RemoteRefresh(source, deps, { ...run, holder }, tally).work();
}

class RemoteRefresh {
  readonly #source: RemoteSource;
  readonly #deps: RefreshDeps;
  readonly #run: SourceRun & { readonly holder: WorkHolder };
  readonly #tally: RefreshTally;
  readonly #circuit: SourceCircuit;
  readonly #query: DueQuery;
  #closing: Closing | null = null;
  #passes = 0;
  /** Rows that parts under way may ask about. */
  #underWay = 0;
  /** Rows of which the progress was told. */
  #told = 0;

  constructor(
    source: RemoteSource,
    deps: RefreshDeps,
    run: SourceRun & { readonly holder: WorkHolder },
    tally: RefreshTally,
  ) {
    this.#source = source;
    this.#deps = deps;
    this.#run = run;
    this.#tally = tally;
    this.#circuit = new SourceCircuit(source, deps);
    this.#query = { now: run.now, filter: run.filter, force: run.force };
  }

  async work(): Promise<void> {
    let waitedMs = 0;
    while (true) {
      const { attempted } = this.#tally;
      this.#passes++;
      await this.#goThrough();
      // Forced rows stay due: they are gone through once.
      if (this.#isOver || this.#run.force) break;
      // What came back from others meanwhile is looked for again.
      if (this.#tally.attempted > attempted) continue;
      const held = await this.#countHeld();
      if (held === 0 || waitedMs >= MAX_WAIT_MS) break;
      if (waitedMs === 0) this.#tellWait(held);
      await this.#deps.clock.sleep(WAIT_STEP_MS, this.#run.stop).catch(() => {});
      waitedMs += WAIT_STEP_MS;
    }
    await this.#sumUp();
  }

  #tellWait(rows: number): void {
    const source = this.#source;
    this.#deps.log.warn("Other workers have the last rows at hand; waiting for them", { source, rows });
  }

  get #isOver(): boolean {
    return this.#closing !== null || this.#run.stop?.aborted === true || this.#room <= 0;
  }

  /** Rows that may still be asked about. */
  get #room(): number {
    return this.#run.limit - this.#tally.attempted - this.#underWay;
  }

  #countHeld(): Promise<number> {
    return this.#deps.refresh.countHeld(this.#source, this.#query, this.#run.holder);
  }

  /** Goes through all due rows once, from the first to the last. */
  async #goThrough(): Promise<void> {
    const { size, atOnce } = partsOf(this.#source, this.#run.batchSize);
    await this.#circuit.load();
    // After failures one request tries the ground before others follow.
    const workers = this.#circuit.phase === "closed" ? atOnce : 1;
    let after: Cursor | null = null;
    do {
      const page = await this.#deps.refresh.listDue(this.#source, this.#query, { after, limit: LISTED });
      const listed = new ListedRows(this.#pickGlobal(page.addresses));
      await allSettled(Array.from({ length: workers }, () => this.#workOff(listed, size)));
      after = page.next;
    } while (after !== null && !this.#isOver);
    this.#tellProgress(1);
  }

  #pickGlobal(addresses: readonly string[]): readonly string[] {
    const global = addresses.filter(isGlobal);
    const others = addresses.length - global.length;
    if (this.#passes === 1 && others > 0) this.#tally.skip("not_applicable", others);
    return global;
  }

  /** Takes one part of the listed rows after the other. */
  async #workOff(listed: ListedRows, size: number): Promise<void> {
    while (!this.#isOver) {
      const limit = Math.min(size, this.#room);
      this.#underWay += limit;
      try {
        const rows = await listed.take(
          limit,
          (choice) => this.#deps.refresh.claim(this.#run.holder, this.#source, this.#query, choice),
        );
        if (rows === null) return;
        await this.#askPart(rows);
      } finally {
        this.#underWay -= limit;
      }
      this.#tellProgress(this.#run.batchSize);
    }
  }

  async #askPart(claimed: readonly DueRow[]): Promise<void> {
    const left = new Set(claimed.map(({ ipAddress }) => ipAddress));
    try {
      const rows = await this.#pickAskable(claimed);
      if (rows.length === 0) return;
      await this.#circuit.load();
      const asked = await askRows(this.#source, rows, { ...this.#deps, circuit: this.#circuit }, this.#run);
      await this.#save(asked);
      for (const { ipAddress } of asked.updates) left.delete(ipAddress);
    } finally {
      await this.#deps.refresh.release(this.#run.holder, this.#source, [...left]);
    }
  }

  /** Tells what was refreshed since it was told last, once it is so many rows. */
  #tellProgress(rows: number): void {
    const total = this.#tally.refreshed + this.#tally.missed;
    const refreshed = total - this.#told;
    if (refreshed < rows) return;
    this.#told = total;
    this.#run.onProgress?.({ source: this.#source, refreshed, total });
  }

  async #save({ outcomes, updates, closing }: AskedRows): Promise<void> {
    if (updates.length > 0) {
      await this.#deps.refresh.saveUpdates(this.#run.holder, this.#source, updates);
    }
    for (const outcome of outcomes) this.#tally.add(outcome);
    this.#closing ??= closing;
  }

  /**
   * The rows that the source is to be asked about. Of Cymru only those without MaxMind's word: rows that MaxMind never
   * saw are looked up first where its editions are installed.
   */
  async #pickAskable(rows: readonly DueRow[]): Promise<readonly DueRow[]> {
    const { installed } = this.#deps.maxmind;
    if (this.#source === "greynoise" || installed === null) return rows;
    const unknown = rows.filter(({ knownToMaxmind }) => !knownToMaxmind);
    if (unknown.length === 0) return rows;
    const resolved = await this.#askMaxmind(unknown, installed);
    if (resolved.size > 0) this.#tally.skip("not_needed", resolved.size);
    return rows.filter(({ ipAddress }) => !resolved.has(ipAddress));
  }

  /** Addresses to which MaxMind gives an ASN. */
  async #askMaxmind(rows: readonly DueRow[], installed: InstalledEditions): Promise<ReadonlySet<string>> {
    const { maxmind, random, clock, refresh } = this.#deps;
    const fresh = rows.map((row) => ({ ...row, failures: 0 }));
    const readings = readMaxmind(fresh, { maxmind, random, now: clock.now() })
      .filter(({ outcome }) => outcome.status === "hit" || outcome.status === "miss");
    await refresh.saveMaxmind(installed, readings.map(({ update }) => update));
    return new Set(readings.flatMap(({ update, outcome }) => {
      return outcome.status === "hit" && outcome.data.asn !== null ? [update.ipAddress] : [];
    }));
  }

  async #sumUp(): Promise<void> {
    const { refresh } = this.#deps;
    const remaining = await refresh.countDue(this.#source, this.#query);
    this.#tally.remaining = this.#run.force ? 0 : remaining;
    if (this.#closing !== null) return await this.#tellRest(this.#closing, remaining);
    if (this.#run.stop?.aborted === true) {
      return this.#tally.skip("stopped", Math.min(this.#room, remaining));
    }
    if (this.#room <= 0) return;
    const held = await this.#countHeld();
    if (held > 0) this.#tally.skip("claimed", Math.min(remaining, held));
  }

  /** Notes in the rows that are left why they wait, and until when. */
  async #tellRest(closing: Closing, remaining: number): Promise<void> {
    const { reason, until } = closing;
    const room = Math.min(this.#room, remaining);
    this.#tally.until = until;
    this.#tally.skip(reason, room);
    if (reason === "stopped") return;
    let after: Cursor | null = null;
    let seen = 0;
    do {
      if (this.#run.stop?.aborted === true) return;
      const limit = Math.min(MARKED, room - seen);
      if (limit <= 0) return;
      const page = await this.#deps.refresh.markSkipped(this.#source, this.#query, { reason, until }, {
        after,
        limit,
      });
      seen += limit;
      after = page.next;
    } while (after !== null);
  }
}

function isGlobal(ipAddress: string): boolean {
  const address = parseAddress(ipAddress);
  return address !== null && classifyScope(address) === "global";
}
