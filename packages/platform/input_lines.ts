import { LineSplitter, MAX_LINE_BYTES, type SplitLines } from "@ipcascade/operations/offline";
import { refuseUtf16, unpackBytes } from "./input_bytes.ts";
import type { InputSource } from "./input_source.ts";
import { InputUnreadableError } from "./input_unreadable_error.ts";

/** Lines of one input that follow each other. */
export interface LineChunk extends SplitLines {
  /** The input's name, for messages. */
  readonly name: string;
}

/** What became of an input that could not be read, or not to its end. */
export interface InputFailure {
  /** The input's name. */
  readonly name: string;
  /** Number of the line after the last one that was delivered. */
  readonly line: number;
  /** Says what is wrong, the name included. */
  readonly error: InputUnreadableError;
}

/** Options of the readers. */
export interface ReadOptions {
  /** Ends the reading without an error. */
  readonly stop?: AbortSignal;
  /** Told of an input that can't be read, after what could be; the next input follows. Without it that throws. */
  readonly onFailure?: (failure: InputFailure) => void;
}

/** Bytes in a chunk: what is made of its lines dies young then; with four times as much it was a third of the rate. */
const CHUNK_SIZE = 64 * 1024;

/** What a line beyond the limit is told as. */
export const LINE_TOO_LONG = `Cannot read a line of more than ${MAX_LINE_BYTES} bytes: it is skipped`;

/** Reads inputs one after the other as chunks of lines; gzip is unpacked. Throws `InputUnreadableError`. */
export async function* readLines(
  sources: Iterable<InputSource>,
  options: ReadOptions = {},
): AsyncGenerator<LineChunk> {
  for (const source of sources) {
    if (options.stop?.aborted) return;
    const position = { line: 1 };
    try {
      yield* readOne(source, position, options.stop);
    } catch (error) {
      if (!(error instanceof InputUnreadableError) || options.onFailure === undefined) throw error;
      options.onFailure({ name: source.name, line: position.line, error });
    }
  }
}

async function* readOne(
  source: InputSource,
  position: { line: number },
  stop: AbortSignal | undefined,
): AsyncGenerator<LineChunk> {
  const { name } = source;
  const splitter = new LineSplitter();
  const deliver = function* (split: SplitLines): Generator<LineChunk> {
    if (split.lines.length === 0) return;
    if (split.firstLine === 1) refuseUtf16(split.lines[0]!, name);
    position.line = split.firstLine + split.lines.length;
    yield { name, ...split };
  };
  const failures: InputUnreadableError[] = [];
  for await (const piece of unpackBytes(source.open(stop), name, failures)) {
    for (let start = 0; start < piece.length; start += CHUNK_SIZE) {
      yield* deliver(splitter.push(piece.subarray(start, start + CHUNK_SIZE)));
    }
  }
  if (stop?.aborted) return;
  // What stands after the last newline is a line of its own, also where the input broke off.
  yield* deliver(splitter.end());
  if (failures[0] !== undefined) throw failures[0];
}
