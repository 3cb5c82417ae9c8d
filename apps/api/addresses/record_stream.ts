import type { Clock, OutputRecord } from "@ipcascade/core";
import type { EnrichRun } from "@ipcascade/operations";

/** Records that become one piece of the answer. */
const RECORDS_A_PIECE = 200;

/** What ends a stream of records before its end. */
export interface StreamFailure {
  readonly code: string;
  readonly message: string;
}

/** How records are streamed. */
export interface RecordStreamOptions {
  readonly clock: Clock;
  /** How long a reader may take no more before it is given up. */
  readonly idleMs: number;
  /** Aborted when nobody reads any more. */
  readonly leaving: AbortController;
  /** Throws what ended the input too soon. */
  readonly checkInput: () => void;
  /** What a failure of the run is told as. */
  readonly describe: (error: unknown) => StreamFailure;
  /** Told once, when nothing more is sent. */
  readonly onEnd?: () => void;
}

/**
 * Streams a run's records as NDJSON, no faster than they are read. A failure on the way becomes a last line without
 * `input`, so that a cut answer is not taken for a whole one.
 */
export class RecordStream {
  readonly #options: RecordStreamOptions;
  readonly #batches: AsyncIterator<readonly OutputRecord[]>;
  readonly #encoder = new TextEncoder();
  /** The first batch, so that a run that fails at once can still be answered with a problem. */
  #next: Promise<IteratorResult<readonly OutputRecord[]>> | null;
  #batch: readonly OutputRecord[] = [];
  #at = 0;
  #waiting: AbortController | null = null;
  /** True once the stream takes nothing more. */
  #isOver = false;

  constructor({ records }: Pick<EnrichRun, "records">, options: RecordStreamOptions) {
    this.#options = options;
    this.#batches = records[Symbol.asyncIterator]();
    this.#next = this.#batches.next();
    this.#next.catch(() => {});
  }

  /** Waits for the first records, but not longer than this. Throws what the run throws until then. */
  async begin(maxWaitMs: number): Promise<void> {
    const timer = new AbortController();
    const late = this.#options.clock.sleep(maxWaitMs, timer.signal).catch(() => {});
    try {
      const step = await Promise.race([this.#next, late]);
      if (step?.done === true) this.#checkEnd();
    } catch (error) {
      this.#leave(error);
      throw error;
    } finally {
      timer.abort();
    }
  }

  /** The answer's body. */
  open(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>({
      pull: (controller) => this.#pull(controller),
      cancel: (reason) => this.#leave(reason),
    }, { highWaterMark: 0 });
  }

  async #pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#waiting?.abort();
    try {
      const text = await this.#readPiece();
      if (this.#isOver) return;
      if (text === null) {
        this.#end();
        return controller.close();
      }
      controller.enqueue(this.#encoder.encode(text));
      this.#awaitReader(controller);
    } catch (error) {
      if (this.#isOver) return;
      this.#leave(error);
      const last = `${JSON.stringify({ error: this.#options.describe(error) })}\n`;
      controller.enqueue(this.#encoder.encode(last));
      controller.close();
    }
  }

  /** The next records as text; null at the end. */
  async #readPiece(): Promise<string | null> {
    while (this.#at >= this.#batch.length) {
      const step = await (this.#next ?? this.#batches.next());
      this.#next = null;
      if (step.done === true) {
        this.#checkEnd();
        return null;
      }
      this.#batch = step.value;
      this.#at = 0;
    }
    const records = this.#batch.slice(this.#at, this.#at += RECORDS_A_PIECE);
    let text = "";
    for (const record of records) text += `${JSON.stringify(record)}\n`;
    return text;
  }

  /** A run that was told to end, or whose input broke off, has not answered everything. */
  #checkEnd(): void {
    this.#options.leaving.signal.throwIfAborted();
    this.#options.checkInput();
  }

  /** Gives a reader up that takes no more: what waits for it holds memory and addresses. */
  #awaitReader(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { clock, idleMs } = this.#options;
    const waiting = new AbortController();
    this.#waiting = waiting;
    clock.sleep(idleMs, waiting.signal).then(() => {
      const reason = new Error(`The answer was not read for ${idleMs / 1_000} s`);
      this.#leave(reason);
      controller.error(reason);
    }, () => {});
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onEnd?.();
  }

  #leave(reason: unknown): void {
    this.#end();
    this.#waiting?.abort();
    this.#batch = [];
    this.#options.leaving.abort(reason);
    // Whoever asked is gone: the run ends by itself.
    void this.#batches.return?.()?.catch(() => {});
  }
}
