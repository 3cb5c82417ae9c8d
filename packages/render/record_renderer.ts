import type { OutputRecord } from "@ipcascade/core";
import { createCsvRenderer } from "./record_csv.ts";
import { createJsonRenderer, createNdjsonRenderer } from "./record_json.ts";
import { createTableRenderer } from "./record_table.ts";

/** Turns a stream of records into text, batch by batch. The texts are written one after the other. */
export interface RecordRenderer {
  begin(): string;
  records(batch: readonly OutputRecord[]): string;
  end(): string;
}

/** The formats of a stream of records. */
export const RECORD_FORMATS = ["table", "json", "ndjson", "csv"] as const;
/** One of the formats. */
export type RecordFormat = (typeof RECORD_FORMATS)[number];

/** The renderer of a format. */
export function createRecordRenderer(format: RecordFormat): RecordRenderer {
  switch (format) {
    case "table":
      return createTableRenderer();
    case "json":
      return createJsonRenderer();
    case "ndjson":
      return createNdjsonRenderer();
    case "csv":
      return createCsvRenderer();
  }
}
