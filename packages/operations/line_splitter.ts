/** Longest line that is read unless told otherwise, in bytes. */
export const MAX_LINE_BYTES = 1024 * 1024;

/** Bytes decoded at once. Lines share memory with what they were cut from, so a kept line keeps no more than this. */
const PIECE_SIZE = 64 * 1024;

/** How much of a line that is too long is kept, to show it. */
const HEAD_SIZE = 80;

const NEWLINE = 10;

/** Lines that follow each other. */
export interface SplitLines {
  /** Number of the first, counted from 1. */
  readonly firstLine: number;
  /** Without their line ends. */
  readonly lines: readonly string[];
  /** Indexes of the lines that were too long; in their place stands their beginning and `…`. */
  readonly tooLong: readonly number[];
}

/**
 * Cuts bytes into lines at LF or CRLF, whatever the pieces that the bytes come in. Takes a byte order mark from the
 * first line, and U+FFFD for what is not UTF-8. Memory is bounded by the longest line allowed.
 */
export class LineSplitter {
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #maxLineBytes: number;
  #nextLine = 1;
  #carried: Uint8Array[] = [];
  #carriedBytes = 0;
  #lines: string[] = [];
  #tooLong: number[] = [];

  constructor(maxLineBytes = MAX_LINE_BYTES) {
    this.#maxLineBytes = maxLineBytes;
  }

  /** Takes the next bytes and returns the lines that they completed, possibly none. */
  push(bytes: Uint8Array): SplitLines {
    for (let start = 0; start < bytes.length; start += PIECE_SIZE) {
      this.#pushPiece(bytes.subarray(start, start + PIECE_SIZE));
    }
    return this.#take();
  }

  /** Returns the last line when no newline ended it. */
  end(): SplitLines {
    if (this.#carriedBytes > 0) this.#finishCarried(new Uint8Array(0));
    return this.#take();
  }

  #pushPiece(piece: Uint8Array): void {
    let start = 0;
    if (this.#carriedBytes > 0) {
      const newline = piece.indexOf(NEWLINE);
      if (newline < 0) return this.#carry(piece);
      this.#finishCarried(piece.subarray(0, newline));
      start = newline + 1;
    }
    const last = piece.lastIndexOf(NEWLINE);
    if (last >= start) this.#addLines(piece.subarray(start, last));
    this.#carry(piece.subarray(Math.max(start, last + 1)));
  }

  #carry(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#carriedBytes += bytes.length;
    // A copy: the reader may fill the same memory again.
    if (this.#carriedBytes <= this.#maxLineBytes) this.#carried.push(bytes.slice());
    else this.#carried = [this.#joinCarried().slice(0, HEAD_SIZE)];
  }

  #finishCarried(rest: Uint8Array): void {
    this.#carry(rest);
    const text = this.#decoder.decode(this.#joinCarried());
    if (this.#carriedBytes > this.#maxLineBytes) {
      this.#tooLong.push(this.#lines.length);
      // Cutting may have halved the last character.
      this.#lines.push(`${text.replace(/\uFFFD$/, "")}…`);
    } else {
      this.#lines.push(text.endsWith("\r") ? text.slice(0, -1) : text);
    }
    this.#carried = [];
    this.#carriedBytes = 0;
  }

  #joinCarried(): Uint8Array {
    if (this.#carried.length === 1) return this.#carried[0]!;
    const joined = new Uint8Array(this.#carried.reduce((sum, bytes) => sum + bytes.length, 0));
    let at = 0;
    for (const bytes of this.#carried) {
      joined.set(bytes, at);
      at += bytes.length;
    }
    return joined;
  }

  #addLines(bytes: Uint8Array): void {
    const text = this.#decoder.decode(bytes);
    const lines = text.split("\n");
    if (text.includes("\r")) {
      for (const [i, line] of lines.entries()) if (line.endsWith("\r")) lines[i] = line.slice(0, -1);
    }
    this.#lines = this.#lines.length === 0 ? lines : this.#lines.concat(lines);
  }

  #take(): SplitLines {
    const firstLine = this.#nextLine;
    const lines = this.#lines;
    if (firstLine === 1 && lines[0]?.startsWith("\uFEFF")) lines[0] = lines[0].slice(1);
    const split = { firstLine, lines, tooLong: this.#tooLong };
    this.#nextLine += lines.length;
    this.#lines = [];
    this.#tooLong = [];
    return split;
  }
}
