import { BlockSplitter, type LogBlock } from "@ipcascade/operations";
import { refuseUtf16, unpackBytes } from "./input_bytes.ts";
import type { InputSource } from "./input_source.ts";
import { InputUnreadableError } from "./input_unreadable_error.ts";

/** Options of `readBlocks`. */
export interface BlockOptions {
  /** Ends the reading without an error. */
  readonly stop?: AbortSignal;
  /** Told of an input that can't be read, after what could be; the next input follows. Without it that throws. */
  readonly onFailure?: (error: InputUnreadableError) => void;
}

/**
 * Reads inputs one after the other as blocks of whole lines, in bytes as they are; gzip is unpacked. A block is the
 * caller's until the next is asked for. Throws `InputUnreadableError`.
 */
export async function* readBlocks(
  sources: Iterable<InputSource>,
  options: BlockOptions = {},
): AsyncGenerator<LogBlock> {
  for (const source of sources) {
    if (options.stop?.aborted) return;
    try {
      yield* readOne(source, options.stop);
    } catch (error) {
      if (!(error instanceof InputUnreadableError) || options.onFailure === undefined) throw error;
      options.onFailure(error);
    }
  }
}

async function* readOne(source: InputSource, stop: AbortSignal | undefined): AsyncGenerator<LogBlock> {
  const { name } = source;
  const splitter = new BlockSplitter();
  let isFirst = true;
  const deliver = function* (blocks: Iterable<Uint8Array>): Generator<LogBlock> {
    for (const bytes of blocks) {
      if (isFirst) refuseUtf16(readHead(bytes), name);
      yield { name, isFirst, bytes, isCut: splitter.isCut };
      isFirst = false;
    }
  };
  const failures: InputUnreadableError[] = [];
  const bytes = source.openReused?.(stop) ?? source.open(stop);
  for await (const piece of unpackBytes(bytes, name, failures)) yield* deliver(splitter.push(piece));
  if (stop?.aborted) return;
  // What stands after the last line feed is a line of its own, also where the input broke off.
  yield* deliver(splitter.end());
  if (failures[0] !== undefined) throw failures[0];
}

/** The first characters of a block's first line. */
function readHead(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, 16)).split("\n")[0]!;
}
