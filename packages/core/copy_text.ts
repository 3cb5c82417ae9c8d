import type { BackupTable } from "./backup.ts";
import { BackupDamagedError } from "./backup_errors.ts";
import { findCopyCheck } from "./copy_values.ts";

/** Decodes UTF-8; throws whatever it likes for what is none. */
export type DecodeText = (bytes: Uint8Array) => string;

/** What COPY's text format writes with a backslash; it writes no others. */
const ESCAPES: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
};

/** The value of a field in COPY's text format: null for `\N`; undefined when COPY never writes it so. */
export function readCopyField(field: string): string | null | undefined {
  if (!field.includes("\\")) return field;
  if (field === "\\N") return null;
  let value = "";
  let start = 0;
  for (let at = field.indexOf("\\"); at >= 0; at = field.indexOf("\\", start)) {
    const letter = ESCAPES[field.charAt(at + 1)];
    if (letter === undefined) return undefined;
    value += field.slice(start, at) + letter;
    start = at + 2;
  }
  return value + field.slice(start);
}

/** What COPY never writes as it is, besides the newline and the tabulator that have a meaning. */
const RAW_CONTROL = /[\0\b\v\f\r]/;

/** The longest row that is decoded, in bytes: a database's own rows are far below. */
const MAX_ROW_BYTES = 64 * 1024 * 1024;

const NEWLINE = 10;

/**
 * Decodes rows in COPY's text format and compares every field with the type of its column, a piece at a time; pieces
 * may end anywhere. Throws `BackupDamagedError` naming the table, the row (from 1) and the column.
 */
export class CopyTextChecker {
  readonly #table: string;
  readonly #names: readonly string[];
  readonly #types: readonly string[];
  readonly #checks: readonly ((value: string) => boolean)[];
  readonly #decode: DecodeText;
  /** Fields of the row before that were good: many columns repeat them. */
  readonly #good: string[];
  #begun: Uint8Array[] = [];
  #begunBytes = 0;
  #rows = 0;

  constructor({ table, columns }: Pick<BackupTable, "table" | "columns">, decode: DecodeText) {
    this.#table = table;
    this.#names = columns.map(({ name }) => name);
    this.#types = columns.map(({ type }) => type);
    this.#checks = columns.map(({ type }) => findCopyCheck(type));
    this.#decode = decode;
    this.#good = columns.map(() => "\\N");
  }

  /** Rows that were decoded. */
  get rows(): number {
    return this.#rows;
  }

  update(chunk: Uint8Array): void {
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) this.#checkRows(this.#join(chunk.subarray(0, end)));
    if (end < chunk.length) this.#begin(chunk.subarray(end));
  }

  /** Throws when the last row is not whole. */
  finish(): void {
    if (this.#begunBytes > 0) throw this.#damaged("it is cut");
  }

  #begin(rest: Uint8Array): void {
    this.#begunBytes += rest.length;
    if (this.#begunBytes > MAX_ROW_BYTES) throw this.#damaged(`it is longer than ${MAX_ROW_BYTES} bytes`);
    // A copy: who gave the piece may use its memory again.
    this.#begun.push(rest.slice());
  }

  #join(head: Uint8Array): Uint8Array {
    if (this.#begunBytes === 0) return head;
    const whole = new Uint8Array(this.#begunBytes + head.length);
    let start = 0;
    for (const part of this.#begun) {
      whole.set(part, start);
      start += part.length;
    }
    whole.set(head, start);
    this.#begun = [];
    this.#begunBytes = 0;
    return whole;
  }

  #checkRows(block: Uint8Array): void {
    const text = this.#decodeBlock(block);
    const hasControls = RAW_CONTROL.test(text);
    for (let start = 0; start < text.length;) {
      const end = text.indexOf("\n", start);
      const row = text.slice(start, end);
      if (hasControls && RAW_CONTROL.test(row)) throw this.#damaged("it has a control character in it");
      this.#checkRow(row);
      this.#rows++;
      start = end + 1;
    }
  }

  #checkRow(row: string): void {
    const fields = row.split("\t");
    if (fields.length !== this.#names.length) {
      throw this.#damaged(`it has ${fields.length} fields instead of ${this.#names.length}`);
    }
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index]!;
      if (field === "\\N" || field === this.#good[index]) continue;
      const value = readCopyField(field);
      if (value === undefined) {
        throw this.#damaged(`column "${this.#names[index]}" has a backslash that stands for nothing`);
      }
      if (value !== null && !this.#checks[index]!(value)) {
        throw this.#damaged(`column "${this.#names[index]}" holds no ${this.#types[index]}`);
      }
      this.#good[index] = field;
    }
  }

  #decodeBlock(block: Uint8Array): string {
    try {
      return this.#decode(block);
    } catch {
      throw this.#findBadText(block);
    }
  }

  #findBadText(block: Uint8Array): BackupDamagedError {
    for (let start = 0; start < block.length;) {
      const end = block.indexOf(NEWLINE, start) + 1;
      try {
        this.#checkRow(this.#decode(block.subarray(start, end - 1)));
      } catch (error) {
        return error instanceof BackupDamagedError ? error : this.#damaged("it is no UTF-8");
      }
      this.#rows++;
      start = end;
    }
    return this.#damaged("it is no UTF-8");
  }

  #damaged(problem: string): BackupDamagedError {
    return new BackupDamagedError(
      `Cannot read row ${this.#rows + 1} of ${this.#table}: ${problem}`,
      this.#table,
    );
  }
}
