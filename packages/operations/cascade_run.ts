import {
  formatInstant,
  planMaxmind,
  type PlanOptions,
  type RemoteSource,
  SKIP_REASONS,
  type SkipReason,
  type SourceName,
  type SourceOutcomes,
  type SourcePlan,
} from "@ipcascade/core";
import { askCymru } from "./ask_cymru.ts";
import { allSettled } from "./all_settled.ts";
import { askGreynoise, type GreynoiseOutcome, UNITS_A_RESERVATION } from "./ask_greynoise.ts";
import type { EnrichDeps } from "./deps.ts";
import type { CascadeOptions } from "./cascade_options.ts";
import { IncidentBudget } from "./incident_budget.ts";
import { type KnownRows, readDueRows, readRows } from "./known_rows.ts";
import type { BatchAddresses } from "./read_ahead.ts";
import { RunClaims } from "./run_claims.ts";
import { SourceCircuit } from "./source_circuit.ts";
import type { RunTally } from "./tally.ts";
import { bookOutcome, byActivity, isFailing, planRemote, startWorks, type Work } from "./work.ts";
import { readWorksAgain, writeWorks } from "./write_works.ts";

export type { CascadeOptions, CascadeProgress } from "./cascade_options.ts";

/** Answers of GreyNoise that are kept in memory before they are stored, for each one cost quota: those of one reservation. */
const GREYNOISE_SAVE_EVERY = UNITS_A_RESERVATION;

type Skipped = Extract<GreynoiseOutcome, { readonly status: "skipped" }>;

/** How long addresses are waited for that other processes have at hand: longer than a killed one holds them. */
const MAX_WAIT_MS = 40_000;
const WAIT_STEP_MS = 500;

/** One outcome for all addresses that are skipped for the same reason. */
const SKIPS = Object.fromEntries(
  SKIP_REASONS.map((reason) => [reason, Object.freeze({ status: "skipped", reason, until: null })]),
) as unknown as Readonly<Record<SkipReason, Skipped>>;

/** The cascade over the batches of one run. */
export class CascadeRun implements AsyncDisposable {
  readonly #deps: EnrichDeps;
  readonly #options: CascadeOptions;
  readonly #tally: RunTally;
  readonly #circuits: Readonly<Record<SourceName, SourceCircuit>>;
  readonly #budget: IncidentBudget;
  readonly #claims: RunClaims;

  constructor(deps: EnrichDeps, options: CascadeOptions, tally: RunTally) {
    this.#deps = deps;
    this.#options = options;
    this.#tally = tally;
    this.#claims = new RunClaims(deps);
    this.#budget = options.budget ?? new IncidentBudget();
    this.#circuits = {
      maxmind: new SourceCircuit("maxmind", deps),
      cymru: new SourceCircuit("cymru", deps),
      greynoise: new SourceCircuit("greynoise", deps),
    };
  }

  /** Reads what the inventory knows about distinct addresses. */
  read(addresses: BatchAddresses): Promise<KnownRows> {
    const { inventory } = this.#deps;
    if (this.#options.skipIdle !== true) return readRows(addresses, inventory);
    return readDueRows(addresses, inventory, () => this.#planOptions());
  }

  /**
   * Asks the sources about distinct addresses of which this is known; the answers wait in `pending` for `save`. Idle
   * addresses are counted by source, and have no work.
   */
  async ask(addresses: BatchAddresses, known: KnownRows): Promise<readonly Work[]> {
    const { installed } = this.#deps.maxmind;
    for (const { plan, count } of known.idlePlans) this.#tally.addIdle(plan, count);
    const works = startWorks(addresses, known, installed);
    await this.#askMaxmind(works);
    await this.#askRemote(works);
    return works;
  }

  /** Writes what the inventory doesn't know yet, and gives the addresses back to other processes. */
  async save(works: readonly Work[]): Promise<void> {
    await writeWorks(works, this.#deps, this.#tally);
    await this.#claims.release(works);
  }

  /** Gives back what is still claimed after a failure. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#claims[Symbol.asyncDispose]();
  }

  async #askMaxmind(works: readonly Work[]): Promise<void> {
    const plan = this.#planOptions();
    const checkedAt = formatInstant(plan.now);
    let read = 0;
    let failed = 0;
    for (const work of works) {
      const what = planMaxmind(work.stored ? work.row : null, plan);
      if (what === "ask") {
        const outcome = this.#deps.maxmind.lookUp(work.address, checkedAt);
        this.#book(work, "maxmind", outcome);
        if (outcome.status === "failed") failed++;
        else read++;
      } else this.#bookPlan(work, "maxmind", what);
    }
    const circuit = this.#circuits.maxmind;
    if (read === 0 && !works.some((work) => isFailing(work.pending.maxmind))) return;
    await circuit.load();
    if (read > 0) await circuit.reportSuccess();
    else if (failed > 0) await circuit.reportFailure("corrupt");
  }

  async #askRemote(works: readonly Work[]): Promise<void> {
    const forCymru = this.#planCymru(works);
    const forGreynoise = await this.#planGreynoise(works);
    const left: Record<RemoteSource, Work[]> = { cymru: [], greynoise: [] };
    const first = forGreynoise.slice(0, GREYNOISE_SAVE_EVERY);
    await allSettled<unknown>([
      this.#askFree("cymru", forCymru, left),
      this.#askFree("greynoise", first, left),
    ]);
    if (forGreynoise.length > first.length) {
      await this.save(works);
      await this.#askInParts(forGreynoise, first.length, left);
    }
    if (left.cymru.length + left.greynoise.length === 0) return;
    // What this run has is given back first: two runs must not wait for each other in a circle.
    await this.save(works);
    await this.#askLater(left);
  }

  /** Asks GreyNoise from the place `start` on, until it can't be asked any more, and stores each part. */
  async #askInParts(
    works: readonly Work[],
    start: number,
    left: Record<RemoteSource, Work[]>,
  ): Promise<void> {
    const total = works.length;
    for (let done = start; done < total;) {
      this.#options.onProgress?.({ source: "greynoise", done, total });
      const part = works.slice(done, done + GREYNOISE_SAVE_EVERY);
      const closing = await this.#askFree("greynoise", part, left);
      await this.save(part);
      done += part.length;
      if (closing === null) continue;
      // Each further part would cost some statements to learn the same.
      for (const work of works.slice(done)) this.#book(work, "greynoise", closing);
      done = total;
    }
    this.#options.onProgress?.({ source: "greynoise", done: total, total });
  }

  /**
   * Asks about those that no other process has at hand; the others go to `left`. Tells why GreyNoise can't be asked any
   * more, when so.
   */
  async #askFree(
    source: RemoteSource,
    works: readonly Work[],
    left: Record<RemoteSource, Work[]>,
  ): Promise<Skipped | null> {
    if (works.length === 0) return null;
    const { mine, others } = await this.#claims.take(source, works);
    left[source].push(...others);
    const due = await this.#pickDue(source, mine);
    if (source === "greynoise") return await this.#askGreynoise(due);
    await this.#askCymru(due);
    return null;
  }

  /** Those that are still due now that they are claimed: another process may have asked in the meantime. */
  async #pickDue(source: RemoteSource, works: readonly Work[]): Promise<readonly Work[]> {
    if (this.#options.refresh) return works;
    await readWorksAgain(works, this.#deps);
    const plan = this.#planOptions();
    return works.filter((work) => {
      const what = planRemote(source, work, plan);
      if (what !== "ask") this.#bookPlan(work, source, what);
      return what === "ask";
    });
  }

  /** Waits for what other processes ask, and asks about what they gave back without an answer. */
  async #askLater(waiting: Readonly<Record<RemoteSource, readonly Work[]>>): Promise<void> {
    const { clock } = this.#deps;
    const { stop } = this.#options;
    let left = waiting;
    for (let waitedMs = 0;; waitedMs += WAIT_STEP_MS) {
      const still: Record<RemoteSource, Work[]> = { cymru: [], greynoise: [] };
      for (const source of ["cymru", "greynoise"] as const) {
        await this.#askFree(source, left[source], still);
        await this.save(left[source]);
      }
      left = still;
      if (left.cymru.length + left.greynoise.length === 0) return;
      if (waitedMs >= MAX_WAIT_MS || stop?.aborted === true) break;
      await clock.sleep(WAIT_STEP_MS, stop).catch(() => {});
    }
    for (const source of ["cymru", "greynoise"] as const) {
      for (const work of left[source]) {
        this.#bookPlan(work, source, stop?.aborted === true ? "stopped" : "claimed");
      }
    }
  }

  #planCymru(works: readonly Work[]): Work[] {
    const plan = this.#planOptions();
    const asked: Work[] = [];
    for (const work of works) {
      const what = planRemote("cymru", work, plan);
      const held = what === "ask" && isFailing(work.pending.maxmind) ? this.#holdIncident() : null;
      if (what === "ask" && held === null) asked.push(work);
      else this.#bookPlan(work, "cymru", held ?? what);
    }
    return asked;
  }

  /** While MaxMind fails, only some of its addresses go on to Cymru. */
  #holdIncident(): SkipReason | null {
    if (this.#circuits.maxmind.phase === "open") return "circuit_open";
    if (!this.#budget.take()) return "budget_spent";
    return null;
  }

  async #planGreynoise(works: readonly Work[]): Promise<Work[]> {
    const plan = this.#planOptions();
    let asked: Work[] = [];
    for (const work of works) {
      const what = planRemote("greynoise", work, plan);
      if (what === "ask") asked.push(work);
      else this.#bookPlan(work, "greynoise", what);
    }
    const { activity } = this.#options;
    if (activity !== null && asked.length > 0) {
      const active = await this.#deps.inventory.findActive(asked.map((work) => work.row.ipAddress), activity);
      for (const work of asked) {
        if (!active.has(work.row.ipAddress)) this.#bookPlan(work, "greynoise", "inactive");
      }
      asked = asked.filter((work) => active.has(work.row.ipAddress));
    }
    return asked.sort(byActivity);
  }

  async #askCymru(works: readonly Work[]): Promise<void> {
    if (works.length === 0) return;
    const { cymru, clock, random } = this.#deps;
    const outcomes = await askCymru(
      works.map((work) => work.address),
      { cymru, clock, random, circuit: this.#circuits.cymru },
      {
        abort: this.#options.abort,
        onProgress: (done) => this.#options.onProgress?.({ source: "cymru", done, total: works.length }),
      },
    );
    for (const work of works) {
      const outcome = outcomes.get(work.row.ipAddress);
      if (outcome !== undefined) this.#book(work, "cymru", outcome);
    }
  }

  async #askGreynoise(works: readonly Work[]): Promise<Skipped | null> {
    if (works.length === 0) return null;
    const { greynoise, quota, clock, random } = this.#deps;
    const { stop, abort } = this.#options;
    const circuit = this.#circuits.greynoise;
    const outcomes = await askGreynoise(
      works.map((work) => work.address),
      { greynoise, quota, clock, random, circuit },
      { stop, abort },
    );
    for (const work of works) {
      const outcome = outcomes.get(work.row.ipAddress);
      if (outcome !== undefined) this.#book(work, "greynoise", outcome);
    }
    return [...outcomes.values()].find((outcome) => outcome.status === "skipped") ?? null;
  }

  #bookPlan(work: Work, source: SourceName, plan: SourcePlan): void {
    if (plan === "ask" || plan === "fresh") return;
    this.#book(work, source, SKIPS[plan]);
  }

  #book<Source extends SourceName>(
    work: Work,
    source: Source,
    outcome: NonNullable<SourceOutcomes[Source]>,
  ): void {
    this.#tally.add(source, outcome);
    bookOutcome(work, source, outcome);
  }

  #planOptions(): PlanOptions {
    const { clock, maxmind } = this.#deps;
    const { selected, refresh } = this.#options;
    return { now: clock.now(), installed: maxmind.installed, selected, refresh };
  }
}
