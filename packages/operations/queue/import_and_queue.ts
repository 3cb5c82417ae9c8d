import { type Clock, type EnrichQueue, type SessionStore, SOURCE_NAMES } from "@ipcascade/core";
import type { LogBlock } from "../cowrie_log_reader.ts";
import { type ImportOptions, type ImportReport, importSessions } from "../import_sessions.ts";
import { BatchWriter } from "./batch_writer.ts";
import { QUEUE_BATCH_SIZE, type QueueOptions } from "./queue_enrichment.ts";

/** What an import did, and what it queued. */
export interface QueuedImportReport extends ImportReport {
  readonly queued: {
    readonly addresses: number;
    readonly batches: number;
    /** Addresses that were passed over, for they were queued a little before. */
    readonly duplicates: number;
  };
}

/**
 * Imports logs as `importSessions` does and queues the global addresses of what was stored, known sessions' too:
 * an import that was killed in between is mended by importing the same log again. Throws `StoreError` when the
 * database fails.
 */
export async function importAndQueue(
  blocks: AsyncIterable<LogBlock>,
  deps: {
    readonly sessions: SessionStore;
    readonly queue: Pick<EnrichQueue, "submit">;
    readonly clock: Clock;
  },
  options: Omit<ImportOptions, "onStored"> & Pick<QueueOptions, "sources" | "activity" | "batchSize"> = {},
): Promise<QueuedImportReport> {
  const { batchSize = QUEUE_BATCH_SIZE, sources = SOURCE_NAMES, activity = null, ...rest } = options;
  const writer = new BatchWriter(deps.queue, { batchSize, sources, activity });
  const report = await importSessions(blocks, deps, {
    ...rest,
    onStored: (addresses) => writer.add(addresses),
  });
  await writer.flush();
  const { addresses, batches, duplicates } = writer;
  return { ...report, queued: { addresses, batches, duplicates } };
}
