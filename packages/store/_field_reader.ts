const TAB = 9;
const ZERO = 48;
/** Whole numbers of so many digits are exact while they are added up digit by digit. */
const EXACT_DIGITS = 15;

/**
 * Reads a text of fields with a tab after each but the last; an empty field is null. It goes through the text once:
 * splitting it would make an array and a string of every number and every null.
 */
export class FieldReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** True when all fields are read. */
  get isOver(): boolean {
    return this.#at > this.#text.length;
  }

  /** The next field as it is; null comes as an empty text. */
  next(): string {
    const start = this.#at;
    const tab = this.#text.indexOf("\t", start);
    const end = tab < 0 ? this.#text.length : tab;
    this.#at = end + 1;
    return this.#text.slice(start, end);
  }

  /** A word of a list that the table's checks allow. */
  nextWord<Word extends string>(): Word | null {
    return this.skipNull() ? null : this.next() as Word;
  }

  /** A text that was written as JSON. */
  nextText(): string | null {
    if (this.skipNull()) return null;
    const field = this.next();
    // Most texts have nothing to unescape.
    return field.includes("\\") ? JSON.parse(field) : field.slice(1, -1);
  }

  nextNumber(): number | null {
    if (this.skipNull()) return null;
    let number = 0;
    for (let at = this.#at; at - this.#at <= EXACT_DIGITS; at++) {
      const code = this.#text.charCodeAt(at);
      if (code === TAB) {
        this.#at = at + 1;
        return number;
      }
      const digit = code - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      number = number * 10 + digit;
    }
    // Signs, fractions, exponents, the end of the text.
    return Number(this.next());
  }

  /** Whole milliseconds: seconds as a float lose the last digits, and imports keep microseconds. */
  nextInstant(): number | null {
    const milliseconds = this.nextNumber();
    return milliseconds === null ? null : Math.round(milliseconds);
  }

  /** Passes an empty field; false when the next one is none. */
  skipNull(): boolean {
    const isNull = this.#text.charCodeAt(this.#at) === TAB;
    if (isNull) this.#at++;
    return isNull;
  }
}
