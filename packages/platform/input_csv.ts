import { parseTarget, quoteInput, UsageError } from "@ipcascade/core";
import { CsvRecord, detectSeparator } from "./input_csv_record.ts";
import { type InputItem, type ItemReader, ownText, problemItem } from "./input_item.ts";
import { MAX_LINE_BYTES } from "@ipcascade/operations/offline";
import { LINE_TOO_LONG, type LineChunk } from "./input_lines.ts";

interface NumberedLine {
  readonly text: string;
  readonly number: number;
  readonly isTooLong: boolean;
}

/**
 * Reads one column of CSV with commas, semicolons or tabs. The column is a name of the header, or a number from 1;
 * with a number, a first row that holds an address there is data and not a header. Reading throws `UsageError`
 * when the header lacks the name.
 */
export class CsvReader implements ItemReader {
  readonly #name: string;
  readonly #column: string;
  #separator: string | null = null;
  /** Index of the column; null until the header told it. */
  #index: number | null = null;
  /** The open record and its lines so far. */
  #record: CsvRecord | null = null;
  #lines: NumberedLine[] = [];
  #length = 0;

  /** `name` is the input's, for messages; `column` a name of the header, or a number from 1. */
  constructor(name: string, column: string) {
    this.#name = name;
    this.#column = column;
  }

  /** The items of the rows that end in these lines. */
  read(chunk: LineChunk): readonly InputItem[] {
    const items: InputItem[] = [];
    for (const [i, text] of chunk.lines.entries()) {
      const isTooLong = chunk.tooLong.length > 0 && chunk.tooLong.includes(i);
      this.#readLine({ text, number: chunk.firstLine + i, isTooLong }, items, true);
    }
    return items;
  }

  /** Gives up a quote that is still open. */
  end(): readonly InputItem[] {
    const items: InputItem[] = [];
    this.#recover(items);
    return items;
  }

  #readLine(line: NumberedLine, items: InputItem[], mayContinue: boolean): void {
    if (line.isTooLong) {
      this.#recover(items);
      items.push(this.#problem(line, LINE_TOO_LONG));
      return;
    }
    if (this.#record === null && line.text.trim() === "") return;
    if (this.#record === null && this.#index !== null && !line.text.includes('"')) {
      return this.#takeCells(line, line.text.split(this.#separator!), items);
    }
    this.#separator ??= detectSeparator(line.text);
    this.#record ??= new CsvRecord(this.#separator);
    this.#record.addLine(line.text);
    this.#lines.push(line);
    this.#length += line.text.length;
    if (!this.#record.isOpen) return this.#finish(this.#record, items);
    if (!mayContinue || this.#length > MAX_LINE_BYTES) this.#recover(items);
  }

  #finish(record: CsvRecord, items: InputItem[]): void {
    const [first] = this.#lines;
    this.#reset();
    if (first === undefined) return;
    if (this.#index === null && this.#readHeader(record)) return;
    if (record.problem !== null) {
      items.push(this.#problem(first, `Cannot read ${quoteInput(first.text)} as CSV: ${record.problem}`));
      return;
    }
    this.#takeCells(first, record.cells, items);
  }

  #takeCells(line: NumberedLine, cells: readonly string[], items: InputItem[]): void {
    const cell = cells[this.#index!]?.trim() ?? "";
    if (cell !== "") {
      items.push({ text: ownText(cell), origin: { name: this.#name, line: line.number } });
      return;
    }
    const state = cells.length > this.#index! ? "it is empty" : `the row has ${cells.length} columns`;
    items.push(this.#problem(line, `Cannot read column ${quoteInput(this.#column)}: ${state}`));
  }

  /** Finds the column in the first record. Returns whether that was a header. */
  #readHeader(record: CsvRecord): boolean {
    const cells = record.cells.map((cell) => cell.trim());
    if (/^[1-9]\d{0,5}$/.test(this.#column)) {
      this.#index = Number(this.#column) - 1;
      return parseTarget(cells[this.#index] ?? "") === null;
    }
    const exact = cells.indexOf(this.#column);
    const loose = cells.findIndex((cell) => cell.toLowerCase() === this.#column.toLowerCase());
    this.#index = exact >= 0 ? exact : loose;
    if (this.#index >= 0) return true;
    throw new UsageError(
      `Cannot find column ${quoteInput(this.#column)} in ${quoteInput(this.#name)}: allowed are ` +
        `${cells.slice(0, 50).map(quoteInput).join(", ")}, or a number from 1 to ${cells.length}`,
    );
  }

  /** Gives an open record up: its first line is a problem, the lines after it are read again, each for itself. */
  #recover(items: InputItem[]): void {
    const [first, ...rest] = this.#lines;
    this.#reset();
    if (first === undefined) return;
    items.push(this.#problem(first, `Cannot read ${quoteInput(first.text)} as CSV: a quote is never closed`));
    for (const line of rest) this.#readLine(line, items, false);
  }

  #reset(): void {
    this.#record = null;
    this.#lines = [];
    this.#length = 0;
  }

  #problem(line: NumberedLine, problem: string): InputItem {
    return problemItem(line.text, { name: this.#name, line: line.number }, problem);
  }
}
