import type { EnrichBatch, EnrichQueue } from "@ipcascade/core";

/** Addresses that were queued lately and are passed over: some 10 MB at most. */
const MAX_KNOWN = 100_000;

/** How batches are made. */
export interface BatchOptions extends Pick<EnrichBatch, "sources" | "activity"> {
  /** Addresses in a batch. */
  readonly batchSize: number;
}

/** Gathers addresses into batches and submits each when it is full, in bounded memory. */
export class BatchWriter {
  readonly #queue: Pick<EnrichQueue, "submit">;
  readonly #options: BatchOptions;
  readonly #known = new Set<string>();
  #pending: string[] = [];
  /** Addresses and batches that were submitted. */
  addresses = 0;
  batches = 0;
  /** Addresses that were passed over, for they were queued a little before. */
  duplicates = 0;

  constructor(queue: Pick<EnrichQueue, "submit">, options: BatchOptions) {
    this.#queue = queue;
    this.#options = options;
  }

  /** Adds the canonical texts of global addresses. */
  async add(addresses: Iterable<string>): Promise<void> {
    for (const address of addresses) {
      if (this.#known.has(address)) {
        this.duplicates++;
        continue;
      }
      // Forgetting all at once is cheap; what comes twice then is found fresh by the worker.
      if (this.#known.size >= MAX_KNOWN) this.#known.clear();
      this.#known.add(address);
      this.#pending.push(address);
      if (this.#pending.length >= this.#options.batchSize) await this.flush();
    }
  }

  /** Submits what is left. */
  async flush(): Promise<void> {
    const addresses = this.#pending;
    if (addresses.length === 0) return;
    this.#pending = [];
    const { sources, activity } = this.#options;
    await this.#queue.submit({ addresses, sources, activity });
    this.addresses += addresses.length;
    this.batches++;
  }
}
