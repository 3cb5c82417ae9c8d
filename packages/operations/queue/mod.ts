export * from "./batch_writer.ts";
export * from "./check_queue.ts";
export * from "./import_and_queue.ts";
export * from "./queue_enrichment.ts";
export * from "./work_batch.ts";
export * from "./work_counts.ts";
export * from "./work_queue.ts";
