import { type BulkChunk, isSilentLine, LineSplitter } from "@ipcascade/operations/offline";
import type { Argument } from "../input_arguments.ts";
import { isPlainInput } from "../input_detect.ts";
import { unpackGzip } from "../input_gzip.ts";
import { failureItem } from "../input_item.ts";
import { type ItemOptions, readItems } from "../input_items.ts";
import { isUtf16 } from "../input_bytes.ts";
import type { InputSource } from "../input_source.ts";
import { InputUnreadableError } from "../input_unreadable_error.ts";
import { LineCutter } from "./line_cutter.ts";

/**
 * Bytes of lines in a chunk. They become some fifty times as many of NDJSON, and a chunk's output is what has to be
 * kept until those before it are written.
 */
const CHUNK_BYTES = 64 * 1024;

/** An input that begins with more than this in comments is read line by line. */
const MAX_PEEKED_BYTES = 1024 * 1024;

/**
 * Reads the inputs of resolved arguments in their order as chunks: plain lines as bytes, everything else as the items
 * that `readItems` finds.
 */
export async function* readChunks(
  args: readonly Argument[],
  options: ItemOptions,
): AsyncGenerator<BulkChunk> {
  for (const argument of args) {
    if (options.stop?.aborted) return;
    if (argument.kind === "text") yield { kind: "items", items: [{ text: argument.text, origin: null }] };
    else yield* readSource(argument.source, options);
  }
}

async function* readSource(source: InputSource, options: ItemOptions): AsyncGenerator<BulkChunk> {
  const { kind } = options.format;
  if (kind !== "auto" && kind !== "lines") return yield* readAsItems(source, options);
  const { name } = source;
  const bytes = unpackGzip(source.open(options.stop), name);
  const peeked = await peek(bytes, kind === "lines");
  const replayed = replay(peeked, bytes);
  if (peeked.isPlain) yield* readPlain(name, replayed, options);
  else yield* readAsItems({ name, open: () => replayed }, options);
}

async function* readAsItems(source: InputSource, options: ItemOptions): AsyncGenerator<BulkChunk> {
  for await (const items of readItems([source], options)) yield { kind: "items", items };
}

async function* readPlain(
  name: string,
  bytes: AsyncIterable<Uint8Array>,
  { stop }: ItemOptions,
): AsyncGenerator<BulkChunk> {
  const cutter = new LineCutter(name);
  let failure: InputUnreadableError | null = null;
  try {
    for await (const piece of bytes) {
      for (let start = 0; start < piece.length; start += CHUNK_BYTES) {
        yield* cutter.push(piece.subarray(start, start + CHUNK_BYTES));
      }
    }
  } catch (error) {
    if (!(error instanceof InputUnreadableError)) throw error;
    failure = error;
  }
  if (stop?.aborted) return;
  // What stands after the last newline is a line of its own, also where the input broke off.
  yield* cutter.end();
  if (failure === null) return;
  yield { kind: "items", items: [failureItem(name, cutter.line, failure.message)] };
}

/** The beginning of an input. */
interface Peeked {
  readonly pieces: readonly Uint8Array[];
  /** True when its lines are addresses. */
  readonly isPlain: boolean;
  /** What prevented reading on; null when nothing did. */
  readonly error: unknown;
}

/** Reads up to the first line that says something, and tells by it what the input holds. */
async function peek(bytes: AsyncGenerator<Uint8Array>, isLines: boolean): Promise<Peeked> {
  const splitter = new LineSplitter();
  const pieces: Uint8Array[] = [];
  let peekedBytes = 0;
  try {
    while (peekedBytes < MAX_PEEKED_BYTES) {
      const next = await bytes.next();
      if (next.done !== true) {
        pieces.push(next.value);
        peekedBytes += next.value.length;
      }
      const { lines, firstLine } = next.done === true ? splitter.end() : splitter.push(next.value);
      const isWide = firstLine === 1 && isUtf16(lines[0] ?? "");
      const line = lines.find((line) => !isSilentLine(line.trim()));
      const isPlain = !isWide && (isLines || (line !== undefined && isPlainInput(line.trim())));
      const isKnown = isWide || line !== undefined || (isLines && lines.length > 0);
      if (next.done === true || isKnown) return { pieces, isPlain, error: null };
    }
  } catch (error) {
    return { pieces, isPlain: false, error };
  }
  return { pieces, isPlain: false, error: null };
}

async function* replay(
  { pieces, error }: Peeked,
  rest: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    yield* pieces;
    if (error !== null) throw error;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
