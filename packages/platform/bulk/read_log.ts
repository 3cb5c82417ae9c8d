import type { BulkChunk } from "@ipcascade/operations";
import { unpackBytes } from "../input_bytes.ts";
import type { InputSource } from "../input_source.ts";
import type { InputUnreadableError } from "../input_unreadable_error.ts";
import { LogCutter } from "./log_cutter.ts";

/** Options of `readLog`. */
export interface ReadLogOptions {
  /** Ends the reading without an error. */
  readonly stop: AbortSignal;
  /** Told of an input that can't be read, or not to its end; the next input follows. */
  readonly onFailure: (error: InputUnreadableError) => void;
}

/**
 * Reads logs one after the other as chunks of whole lines, whatever the bytes; gzip is unpacked. Between a log that does
 * not end with a line feed and the next one there is one. The bytes of a chunk
 * are the caller's until it asks for the next one.
 */
export async function* readLog(
  sources: Iterable<InputSource>,
  { stop, onFailure }: ReadLogOptions,
): AsyncGenerator<BulkChunk> {
  let before: LogCutter | null = null;
  for (const source of sources) {
    if (stop.aborted) return;
    const cutter = new LogCutter(source.name);
    const failures: InputUnreadableError[] = [];
    const bytes = source.openReused?.(stop) ?? source.open(stop);
    for await (const piece of unpackBytes(bytes, source.name, failures)) {
      if (before?.isOpen === true && piece.length > 0) yield before.lineFeed();
      if (piece.length > 0) before = null;
      yield* cutter.push(piece);
    }
    if (!stop.aborted) yield* cutter.end();
    before ??= cutter;
    failures.forEach(onFailure);
  }
}
