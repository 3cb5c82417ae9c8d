import { CsvReader } from "./input_csv.ts";
import { parseCsvLine } from "./input_csv_record.ts";
import type { InputItem, ItemReader } from "./input_item.ts";
import {
  ADDRESS_FIELDS,
  createCowrieReader,
  createNdjsonReader,
  isCowrieLine,
  isNdjsonLine,
} from "./input_json.ts";
import type { LineChunk } from "./input_lines.ts";
import { createPlainReader } from "./input_plain.ts";

/** Finds out from the first line that says something what an input holds, and reads it so. */
export class DetectingReader implements ItemReader {
  readonly #name: string;
  #reader: ItemReader | null = null;

  /** `name` is the input's, for messages. */
  constructor(name: string) {
    this.#name = name;
  }

  /** The items of these lines. */
  read(chunk: LineChunk): readonly InputItem[] {
    if (this.#reader !== null) return this.#reader.read(chunk);
    const at = chunk.lines.findIndex((line) => line.trim() !== "" && !line.trim().startsWith("#"));
    if (at < 0) return [];
    this.#reader = createReaderFor(chunk.lines[at]!.trim(), this.#name);
    return this.#reader.read(dropLines(chunk, at));
  }

  /** Delivers what waited for more lines. */
  end(): readonly InputItem[] {
    return this.#reader?.end() ?? [];
  }
}

/** The chunk without its first lines: only the plain reader knows comments. */
function dropLines(chunk: LineChunk, count: number): LineChunk {
  return {
    name: chunk.name,
    firstLine: chunk.firstLine + count,
    lines: chunk.lines.slice(count),
    tooLong: chunk.tooLong.map((index) => index - count),
  };
}

function createReaderFor(line: string, name: string): ItemReader {
  if (isCowrieLine(line)) return createCowrieReader();
  if (line.startsWith("{") || isNdjsonLine(line)) return createNdjsonReader(ADDRESS_FIELDS);
  const column = findAddressColumn(line);
  return column === null ? createPlainReader() : new CsvReader(name, column);
}

/** Tells whether the first line that says something shows an input of plain lines. */
export function isPlainInput(line: string): boolean {
  return !isCowrieLine(line) && !line.startsWith("{") && !isNdjsonLine(line) &&
    findAddressColumn(line) === null;
}

/** The header's column that is named like an address; null when the line is no header. */
function findAddressColumn(line: string): string | null {
  const cells = (parseCsvLine(line) ?? []).map((cell) => cell.trim());
  const field = ADDRESS_FIELDS.find((field) => cells.some((cell) => cell.toLowerCase() === field));
  return field ?? null;
}
