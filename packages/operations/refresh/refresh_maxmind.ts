import type { Cursor, DueQuery, DueRow, InstalledEditions } from "@ipcascade/core";
import { allSettled } from "../all_settled.ts";
import { SourceCircuit } from "../source_circuit.ts";
import type { RefreshDeps, SourceRun } from "./deps.ts";
import { readMaxmind } from "./read_maxmind.ts";
import type { RefreshTally } from "./refresh_tally.ts";

/** Reads rows of other builds from the installed editions: page by page, each page one transaction. */
export async function refreshMaxmind(deps: RefreshDeps, run: SourceRun, tally: RefreshTally): Promise<void> {
  const { installed } = deps.maxmind;
  if (installed === null) return tally.skip("no_edition", 0);
  const pages = new MaxmindPages(deps, run, tally);
  await pages.circuit.load();
  const lanes = Math.max(1, Math.min(run.lanes, Math.ceil(run.limit / run.batchSize)));
  await allSettled(Array.from({ length: lanes }, () => pages.work()));
  tally.remaining = await deps.refresh.countOutdated(deps.maxmind.installed ?? installed, pages.query);
  if (pages.circuit.phase !== "open") return;
  tally.until = pages.circuit.openUntil;
  tally.skip("circuit_open", tally.remaining);
}

/** The pages of one run, shared by those who work on them. */
class MaxmindPages {
  readonly query: DueQuery;
  readonly circuit: SourceCircuit;
  readonly #deps: RefreshDeps;
  readonly #run: SourceRun;
  readonly #tally: RefreshTally;
  /** Rows that pages under way or done may take of the limit. */
  #taken = 0;

  constructor(deps: RefreshDeps, run: SourceRun, tally: RefreshTally) {
    this.query = { now: run.now, filter: run.filter, force: run.force };
    this.circuit = new SourceCircuit("maxmind", deps);
    this.#deps = deps;
    this.#run = run;
    this.#tally = tally;
  }

  /** Takes one page after the other until none is left. */
  async work(): Promise<void> {
    let after: Cursor | null = null;
    let isOver = false;
    do {
      const limit = Math.min(this.#run.batchSize, this.#run.limit - this.#taken);
      if (limit <= 0 || this.#run.stop?.aborted === true || this.circuit.phase === "open") return;
      this.#taken += limit;
      const page = await this.#readPage(after, limit);
      // What a short page left of its share is there for others.
      this.#taken -= limit - page.read;
      after = page.next;
      isOver = after === null && !page.isSwitched;
    } while (!isOver);
  }

  async #readPage(after: Cursor | null, limit: number): Promise<ReadPage> {
    const { refresh, maxmind } = this.#deps;
    const installed = maxmind.installed!;
    let readings: ReturnType<typeof readMaxmind> = [];
    let isSwitched = false;
    const page = await refresh.readOutdated(installed, this.query, { after, limit }, (rows) => {
      isSwitched = !isSame(installed, maxmind.installed);
      readings = isSwitched ? [] : this.#read(rows);
      return readings.map(({ update }) => update);
    });
    // Another set of editions serves now: the rows are read from that one, from the first on.
    if (isSwitched) return { read: 0, next: null, isSwitched: maxmind.installed !== null };
    await this.#book(readings);
    return { ...page, isSwitched: false };
  }

  #read(rows: readonly DueRow[]) {
    const { maxmind, random, clock } = this.#deps;
    return readMaxmind(rows, { maxmind, random, now: clock.now() });
  }

  async #book(readings: ReturnType<typeof readMaxmind>): Promise<void> {
    if (readings.length === 0) return;
    for (const { outcome } of readings) this.#tally.add(outcome);
    const failed = readings.filter(({ outcome }) => outcome.status === "failed").length;
    if (failed < readings.length) await this.circuit.reportSuccess();
    else await this.circuit.reportFailure("corrupt");
    const refreshed = readings.length - failed;
    const { refreshed: hits, missed } = this.#tally;
    this.#run.onProgress?.({ source: "maxmind", refreshed, total: hits + missed });
  }
}

interface ReadPage {
  readonly read: number;
  readonly next: Cursor | null;
  /** True when other editions were installed meanwhile: nothing was read. */
  readonly isSwitched: boolean;
}

function isSame(a: InstalledEditions, b: InstalledEditions | null): boolean {
  return b !== null && a.cityBuildEpoch === b.cityBuildEpoch && a.asnBuildEpoch === b.asnBuildEpoch;
}
