import type { OutputRecord } from "@ipcascade/core";
import type { RecordForm } from "@ipcascade/operations";
import { createCsvRenderer } from "./record_csv.ts";
import { createCsvForm } from "./record_form_csv.ts";
import { createJsonForm, createNdjsonForm } from "./record_form_json.ts";
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

/** How records of a format are put together in bulk; null where each needs those before it. */
export function createRecordForm(format: RecordFormat): RecordForm | null {
  switch (format) {
    case "table":
      return null;
    case "json":
      return createJsonForm();
    case "ndjson":
      return createNdjsonForm();
    case "csv":
      return createCsvForm();
  }
}

/** What stands around the records of a stream that are put together in bulk. */
export interface RecordFrame {
  readonly begin: string;
  /** Bytes before each record that the first one has not. */
  readonly separatorBytes: number;
  end(isEmpty: boolean): string;
}

/** The frame of a format. */
export function createRecordFrame(format: RecordFormat): RecordFrame {
  const renderer = createRecordRenderer(format);
  const isJson = format === "json";
  return {
    begin: renderer.begin(),
    separatorBytes: isJson ? ",".length : 0,
    end: (isEmpty) => isJson && !isEmpty ? "\n]\n" : renderer.end(),
  };
}
