import { BACKUP_CHECK_ROWS, type BackupCheck, type CreateHasher, type Hasher } from "@ipcascade/core";

const NEWLINE = 10;

/**
 * Computes the chain of content checks of a table while its rows stream through: see `BackupCheck`. Pieces may end
 * anywhere; COPY's text format has no newline within a row.
 */
export class ContentChain {
  readonly #createHasher: CreateHasher;
  readonly #checks: BackupCheck[] = [];
  #hasher: Hasher;
  #rows = 0;
  #bytes = 0;
  #isWhole = true;

  constructor(createHasher: CreateHasher) {
    this.#createHasher = createHasher;
    this.#hasher = createHasher("sha256");
  }

  /** Rows whose end was seen. */
  get rows(): number {
    return this.#rows;
  }

  /** Bytes of the rows. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The links that are complete. */
  get checks(): readonly BackupCheck[] {
    return this.#checks;
  }

  /** True when the last row is whole. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  update(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#bytes += chunk.length;
    this.#isWhole = chunk[chunk.length - 1] === NEWLINE;
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) {
      if (++this.#rows % BACKUP_CHECK_ROWS > 0) continue;
      this.#hasher.update(chunk.subarray(start, at + 1));
      this.#link();
      start = at + 1;
    }
    if (start < chunk.length) this.#hasher.update(start === 0 ? chunk : chunk.subarray(start));
  }

  /** All links; the last one covers every row. Ends the computation. */
  finish(): readonly BackupCheck[] {
    if (this.#checks.at(-1)?.rows !== this.#rows) this.#link();
    return this.#checks;
  }

  #link(): void {
    const sha256 = this.#hasher.digest();
    this.#checks.push({ rows: this.#rows, sha256 });
    this.#hasher = this.#createHasher("sha256");
    this.#hasher.update(toBytes(sha256));
  }
}

/** ASCII alone. */
function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}
