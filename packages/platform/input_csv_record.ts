/** Reads one record of RFC 4180, line by line while a quote is open. */
export class CsvRecord {
  /** The complete cells. */
  readonly cells: string[] = [];
  /** True while the last cell waits for its closing quote. */
  isOpen = false;
  /** What is wrong with the record; null while nothing is. */
  problem: string | null = null;
  readonly #separator: string;
  #cell = "";

  /** Cells end at the separator, one character. */
  constructor(separator: string) {
    this.#separator = separator;
  }

  /** Takes the next line, without its newline. */
  addLine(line: string): void {
    let at = 0;
    if (this.isOpen) {
      this.#cell += "\n";
      at = this.#readQuoted(line, 0);
      if (this.isOpen) return;
      at = this.#endCell(line, at);
    }
    while (at <= line.length) {
      if (line[at] === '"') {
        at = this.#readQuoted(line, at + 1);
        if (this.isOpen) return;
      }
      at = this.#endCell(line, at);
    }
  }

  /** Reads to the closing quote and returns the place after it; leaves the cell open when the line has none. */
  #readQuoted(line: string, from: number): number {
    let at = from;
    while (true) {
      const quote = line.indexOf('"', at);
      this.isOpen = quote < 0;
      if (this.isOpen) {
        this.#cell += line.slice(at);
        return line.length;
      }
      this.#cell += line.slice(at, quote);
      if (line[quote + 1] !== '"') {
        if (quote + 1 < line.length && line[quote + 1] !== this.#separator) {
          this.problem = "text follows a closing quote, allowed is the separator";
        }
        return quote + 1;
      }
      this.#cell += '"';
      at = quote + 2;
    }
  }

  /** Takes what is left up to the separator and returns the place after that. */
  #endCell(line: string, at: number): number {
    const next = line.indexOf(this.#separator, at);
    const end = next < 0 ? line.length : next;
    this.cells.push(this.#cell + line.slice(at, end));
    this.#cell = "";
    return end + 1;
  }
}

const SEPARATORS = [",", ";", "\t"];

/** The separator of a header line: the one that it has most of outside quotes; the comma when it has none. */
export function detectSeparator(header: string): string {
  const bare = header.replace(/"(?:[^"]|"")*"/g, "");
  const counts = SEPARATORS.map((separator) => bare.split(separator).length);
  return SEPARATORS[counts.indexOf(Math.max(...counts))]!;
}

/** The cells of a record in one line, with the separator that it shows; null when a quote stays open. */
export function parseCsvLine(line: string): readonly string[] | null {
  const record = new CsvRecord(detectSeparator(line));
  record.addLine(line);
  return record.isOpen ? null : record.cells;
}
