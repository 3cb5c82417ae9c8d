import { CsvReader } from "./input_csv.ts";
import { DetectingReader } from "./input_detect.ts";
import type { InputFormat } from "./input_format.ts";
import { failureItem, type InputItem, type ItemReader } from "./input_item.ts";
import { createCowrieReader, createNdjsonReader } from "./input_json.ts";
import { readLines } from "./input_lines.ts";
import { createPlainReader } from "./input_plain.ts";
import type { InputSource } from "./input_source.ts";

/** Options of `readItems`. */
export interface ItemOptions {
  /** How the inputs name their addresses. */
  readonly format: InputFormat;
  /** Ends the reading without an error. */
  readonly stop?: AbortSignal;
}

/**
 * Reads inputs one after the other as chunks of items. What can't be understood or read is an item with a problem
 * in its place, and the rest follows. Throws `UsageError` when a CSV file lacks the column.
 */
export async function* readItems(
  sources: Iterable<InputSource>,
  options: ItemOptions,
): AsyncGenerator<readonly InputItem[]> {
  for (const source of sources) {
    const reader = createReader(options.format, source.name);
    const failures: InputItem[] = [];
    const chunks = readLines([source], {
      stop: options.stop,
      onFailure: ({ name, line, error }) => failures.push(failureItem(name, line, error.message)),
    });
    for await (const chunk of chunks) {
      const items = reader.read(chunk);
      if (items.length > 0) yield items;
    }
    if (options.stop?.aborted) return;
    const last = [...reader.end(), ...failures];
    if (last.length > 0) yield last;
  }
}

function createReader(format: InputFormat, name: string): ItemReader {
  switch (format.kind) {
    case "auto":
      return new DetectingReader(name);
    case "lines":
      return createPlainReader();
    case "cowrie":
      return createCowrieReader();
    case "csv":
      return new CsvReader(name, format.column);
    case "ndjson":
      return createNdjsonReader([format.field]);
  }
}
