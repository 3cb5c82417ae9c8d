import {
  abandonAttempt,
  beginAttempt,
  downloadsToday,
  EditionDeliveryError,
  type EditionLock,
  type EditionSet,
  endAttempt,
  failAttempt,
  findHold,
  formatInstant,
  quoteInput,
  type UpdateHold,
  UsageError,
} from "@ipcascade/core";
import { adoptPlain } from "./adopt_plain.ts";
import { readKeptSets } from "./current_set.ts";
import type { EditionPolicy, EditionUpdateDeps } from "./deps.ts";
import { unwrapStep } from "./edition_step_error.ts";
import { type EditionRequests, readEditionRequests } from "./edition_requests.ts";
import { type Installation, installReleases } from "./install_releases.ts";
import { pruneSets } from "./prune_sets.ts";
import { type ReportedError, reportError } from "../reported_error.ts";
import type { EditionProgress } from "./stage_edition.ts";
import { StateBook } from "./state_book.ts";
import { sweepStore } from "./sweep_store.ts";
import { listItems } from "./update_items.ts";
import type { UpdateReport } from "./update_report.ts";

/** How to update. */
export interface UpdateOptions {
  readonly policy: EditionPolicy;
  /** Stands for provider and account: what held other settings back does not hold these. Holds no secret. */
  readonly settings: string;
  /** How long a failing provider is tried again, in milliseconds. */
  readonly retryForMs: number;
  /** Asks and downloads although nothing is due, new or trusted. Verification is never skipped. */
  readonly force?: boolean;
  /** Asks what there is and changes nothing. */
  readonly isDryRun?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: EditionProgress) => void;
}

/**
 * Brings the editions up to date: asks the provider, downloads what is new, verifies it, and lets the whole set
 * serve in one step. Whatever fails, the set before goes on serving and the report says what happened. Throws
 * `LockHeldError`, `UsageError` when no edition is configured that is of use, and the signal's reason when it aborts.
 */
export async function updateEditions(deps: EditionUpdateDeps, options: UpdateOptions): Promise<UpdateReport> {
  const started = { at: formatInstant(deps.clock.now()), ms: deps.clock.elapsed() };
  checkRequests(options.policy);
  await using lock = await deps.store.lock("update the editions");
  const run = new UpdateRun(deps, options, lock);
  const ending = await run.run();
  return {
    operation: "update-editions",
    ...ending,
    provider: deps.provider.name,
    started_at: started.at,
    duration_ms: Math.round(deps.clock.elapsed() - started.ms),
  };
}

function checkRequests({ editionIds }: EditionPolicy): void {
  if (readEditionRequests(editionIds).requests.length > 0) return;
  throw new UsageError(
    `Cannot update the editions: none of ${editionIds.map(quoteInput).join(", ")} is a City or ASN edition`,
  );
}

type Ending = Omit<UpdateReport, "operation" | "provider" | "started_at" | "duration_ms">;

/** One update under the lock. */
class UpdateRun {
  readonly #deps: EditionUpdateDeps;
  readonly #options: UpdateOptions;
  readonly #signal: AbortSignal;
  readonly #requests: EditionRequests;
  readonly #isDryRun: boolean;

  constructor(deps: EditionUpdateDeps, options: UpdateOptions, lock: EditionLock) {
    this.#deps = deps;
    this.#options = options;
    this.#signal = options.signal === undefined ? lock.lost : AbortSignal.any([options.signal, lock.lost]);
    this.#requests = readEditionRequests(options.policy.editionIds);
    this.#isDryRun = options.isDryRun ?? false;
  }

  async run(): Promise<Ending> {
    const { store, clock } = this.#deps;
    for (const id of this.#requests.unused) {
      this.#deps.log.warn("An edition is not used here and therefore not fetched", { edition: id });
    }
    const book = await StateBook.open(store, { isDryRun: this.#isDryRun });
    if (!this.#isDryRun) await sweepStore(this.#deps, book);
    const { force = false, settings } = this.#options;
    const before = (await readKeptSets(store)).current;
    const adopted = before === null && !this.#isDryRun ? await this.#adopt(book) : null;
    const current = before ?? adopted;
    const hold = force ? null : findHold(book.state, { now: clock.now(), settings });
    if (hold !== null) return this.#endHeld(book, { current, before, hold });
    await book.write((state) => beginAttempt(state, { now: clock.now(), settings }));
    try {
      const installation = await this.#install(book, current);
      await this.#noteSuccess(book, installation);
      return await this.#end(book, { before, adopted, installation });
    } catch (error) {
      await this.#noteFailure(book, error);
      // What failed may have come after the switch.
      const serving = await readKeptSets(store).then((kept) => kept.current, () => current);
      return this.#endFailed(book, { current: serving, before, error });
    }
  }

  /** What can't be adopted is downloaded. */
  async #adopt(book: StateBook): Promise<EditionSet | null> {
    const { policy } = this.#options;
    try {
      return await adoptPlain(this.#deps, {
        requests: this.#requests.requests,
        policy,
        book,
        signal: this.#signal,
      });
    } catch (error) {
      this.#signal.throwIfAborted();
      this.#deps.log.warn("Databases are not adopted", { reason: reportError(error).message });
      return null;
    }
  }

  #install(book: StateBook, current: EditionSet | null): Promise<Installation> {
    const { policy, retryForMs, force = false, onProgress } = this.#options;
    return installReleases({ ...this.#deps, book }, {
      requests: this.#requests.requests,
      current,
      policy,
      retryForMs,
      force,
      isDryRun: this.#isDryRun,
      signal: this.#signal,
      onProgress,
    });
  }

  async #noteSuccess(book: StateBook, { status }: Installation): Promise<void> {
    const outcome = status === "installed" ? "installed" : "current";
    await book.write((state) => endAttempt(state, { now: this.#deps.clock.now(), outcome }));
  }

  /** A state that can't be written any more must not hide what went wrong. */
  async #noteFailure(book: StateBook, error: unknown): Promise<void> {
    const { clock, random, log } = this.#deps;
    const now = clock.now();
    const cause = unwrapStep(error).error;
    const delivery = cause instanceof EditionDeliveryError ? cause : null;
    try {
      await book.write((state) =>
        this.#signal.aborted ? abandonAttempt(state, now) : failAttempt(state, {
          now,
          error: reportError(error),
          isClosing: delivery?.failure === "rate_limited",
          retryAt: delivery?.retryAt ?? null,
          random,
        })
      );
    } catch (stateError) {
      log.error("The state of updating can't be written", { reason: reportError(stateError).message });
    }
    this.#signal.throwIfAborted();
  }

  async #end(
    book: StateBook,
    { before, adopted, installation }: {
      before: EditionSet | null;
      adopted: EditionSet | null;
      installation: Installation;
    },
  ): Promise<Ending> {
    const { status, set } = installation;
    const { pruned, warnings } = await this.#prune(book);
    return {
      status: adopted !== null && status === "current" ? "adopted" : status,
      set: set?.id ?? null,
      previous_set: before?.id ?? null,
      items: listItems({ ...this.#requests, state: book.state, before, set, installation }),
      error: installation.error,
      warnings: [...installation.warnings, ...warnings],
      next_attempt_at: null,
      pruned,
    };
  }

  /** Old sets that can't be destroyed don't undo an update. */
  async #prune(book: StateBook): Promise<Pick<UpdateReport, "pruned" | "warnings">> {
    if (this.#isDryRun) return { pruned: [], warnings: [] };
    try {
      const { policy } = this.#options;
      const pruned = await pruneSets(this.#deps, { policy, book, isDryRun: false });
      return { pruned: pruned.map(({ id }) => id), warnings: [] };
    } catch (error) {
      return { pruned: [], warnings: [`Old sets are left to the next run: ${reportError(error).message}`] };
    }
  }

  #endFailed(
    book: StateBook,
    { current, before, error }: { current: EditionSet | null; before: EditionSet | null; error: unknown },
  ): Ending {
    const described = reportError(error);
    const hold = findHold(book.state, { now: this.#deps.clock.now(), settings: this.#options.settings });
    this.#deps.log.debug("Updating failed", { code: described.code, reason: described.message });
    return {
      ...this.#endWithout(current, before, described),
      status: "failed",
      items: listItems({ ...this.#requests, state: book.state, before, set: current, failure: error }),
      next_attempt_at: hold === null ? null : formatInstant(hold.until),
    };
  }

  #endHeld(
    book: StateBook,
    { current, before, hold }: { current: EditionSet | null; before: EditionSet | null; hold: UpdateHold },
  ): Ending {
    const { attempt } = book.state;
    const until = formatInstant(hold.until);
    return {
      ...this.#endWithout(current, before, attempt?.outcome === "failed" ? attempt.error : null),
      status: "not_due",
      items: listItems({ ...this.#requests, state: book.state, before, set: current }),
      warnings: [`The provider is not asked before ${until}: ${this.#explainHold(book, hold)}`],
      next_attempt_at: until,
    };
  }

  #explainHold(book: StateBook, { reason }: UpdateHold): string {
    switch (reason) {
      case "closed":
        return `it said that too much was asked of it (${
          downloadsToday(book.state, this.#deps.clock.now())
        } downloads today)`;
      case "backing_off":
        return `attempts failed (${book.state.failures} in a row)`;
      case "interrupted":
        return `attempts were killed (${book.state.interruptions + 1} in a row)`;
      case "asked_lately":
        return "it was asked several times in the last minutes";
    }
  }

  #endWithout(current: EditionSet | null, before: EditionSet | null, error: ReportedError | null) {
    return {
      set: current?.id ?? null,
      previous_set: before?.id ?? null,
      error,
      warnings: [] as readonly string[],
      pruned: [],
    };
  }
}
