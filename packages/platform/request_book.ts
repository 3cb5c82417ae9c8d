import { clearInterval, setInterval } from "node:timers";
import {
  type Clock,
  type Log,
  MS_PER_DAY,
  MS_PER_HOUR,
  MS_PER_SECOND,
  REQUEST_DAYS,
  type RequestHours,
  type RequestPurpose,
  type RequestRecord,
  RequestTally,
  type SourceRequest,
} from "@ipcascade/core";

/** What keeping a record needs. */
export interface RequestBookOptions {
  readonly hours: RequestHours;
  readonly purpose: RequestPurpose;
  readonly clock: Clock;
  readonly log: Log;
  /** Milliseconds between writes: what a killed process loses. Default 5 s; 0 writes when told to. */
  readonly writeEveryMs?: number;
  /** Milliseconds that the last write, at the close, is waited for; default 2 s. */
  readonly lastWriteMs?: number;
}

const WRITE_EVERY_MS = 5 * MS_PER_SECOND;
/** A database that does not answer must not keep a program from ending. */
const LAST_WRITE_MS = 2 * MS_PER_SECOND;

/** The requests of this process, written in batches; dispose it to write the last ones. Writing never fails its user. */
export class RequestBook implements RequestRecord, AsyncDisposable {
  readonly #options: RequestBookOptions;
  readonly #tally: RequestTally;
  #timer: ReturnType<typeof setInterval> | null = null;
  #writing: Promise<void> | null = null;
  #prunedAtMs = -Infinity;
  #isFailing = false;
  #isClosed = false;

  constructor(options: RequestBookOptions) {
    this.#options = options;
    this.#tally = new RequestTally(options.purpose);
  }

  add(request: SourceRequest): void {
    this.#tally.add(request, this.#options.clock.now());
    if (this.#timer === null && !this.#isClosed) this.#start();
  }

  /** Writes what there is. Never throws. */
  write(): Promise<void> {
    this.#writing ??= this.#write().finally(() => this.#writing = null);
    return this.#writing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    if (this.#timer !== null) clearInterval(this.#timer);
    const enough = new AbortController();
    // A write under way does not have what came after it began.
    const last = (this.#writing ?? Promise.resolve()).then(() => this.write());
    const { clock, lastWriteMs = LAST_WRITE_MS } = this.#options;
    await Promise.race([last, clock.sleep(lastWriteMs, enough.signal).catch(() => {})]);
    enough.abort();
  }

  #start(): void {
    const everyMs = this.#options.writeEveryMs ?? WRITE_EVERY_MS;
    if (everyMs === 0) return;
    this.#timer = setInterval(() => void this.write(), everyMs);
    // Nobody waits for the next write when the work is done.
    this.#timer.unref();
  }

  async #write(): Promise<void> {
    const { hours, log } = this.#options;
    const drained = this.#tally.drain();
    if (drained.length === 0) return;
    try {
      await hours.addMany(drained);
      this.#isFailing = false;
      await this.#prune();
    } catch (error) {
      this.#tally.restore(drained);
      if (!this.#isFailing) log.warn("Requests can't be recorded", { reason: String(error) });
      this.#isFailing = true;
    }
  }

  /** What fails to be forgotten now is forgotten by the next process. */
  async #prune(): Promise<void> {
    const { hours, clock } = this.#options;
    if (clock.elapsed() - this.#prunedAtMs < MS_PER_HOUR) return;
    this.#prunedAtMs = clock.elapsed();
    await hours.prune(clock.now() - REQUEST_DAYS * MS_PER_DAY).catch(() => {});
  }
}
