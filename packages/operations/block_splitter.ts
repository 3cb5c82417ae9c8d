import { MAX_LINE_BYTES } from "./line_splitter.ts";

/** Bytes looked at together: far less than the longest line, so that what is delivered holds none that is longer. */
const PIECE_SIZE = 256 * 1024;

/** How much of a line that is too long is kept, to show it. */
const HEAD_SIZE = 80;

/** Room for a line at first; it grows to the longest line that comes. */
const FIRST_ROOM = 4 * 1024;

const LINE_FEED = 10;

/**
 * Cuts a stream of bytes into blocks of whole lines, without looking at each line. Of a line of more than
 * `MAX_LINE_BYTES` a block has the beginning and `…`, as `LineSplitter` does. Memory is bounded by the longest line.
 */
export class BlockSplitter {
  #room = new Uint8Array(FIRST_ROOM);
  /** Length of the unfinished line, of which `#room` has the whole or, where it is too long, the beginning. */
  #length = 0;
  #isCut = false;

  /** True while the block that was given last is the beginning of a line that is too long. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /**
   * Takes the next bytes and gives the lines that they complete. A block is the caller's until the next is asked for;
   * its last line may lack the line feed.
   */
  *push(bytes: Uint8Array): Generator<Uint8Array, void> {
    for (let start = 0; start < bytes.length; start += PIECE_SIZE) {
      const length = Math.min(PIECE_SIZE, bytes.length - start);
      // Plain views, whatever class the bytes came as: what reads them is compiled for one class.
      yield* this.#pushPiece(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length));
    }
  }

  /** Gives the last line when no line feed ended it. */
  *end(): Generator<Uint8Array, void> {
    if (this.#length > 0) yield this.#takeLine();
  }

  *#pushPiece(piece: Uint8Array): Generator<Uint8Array, void> {
    let start = 0;
    if (this.#length > 0) {
      const newline = piece.indexOf(LINE_FEED);
      if (newline < 0) return this.#keep(piece);
      this.#keep(piece.subarray(0, newline));
      yield this.#takeLine();
      start = newline + 1;
    }
    const end = piece.lastIndexOf(LINE_FEED) + 1;
    this.#isCut = false;
    if (end > start) yield piece.subarray(start, end);
    this.#keep(piece.subarray(Math.max(start, end)));
  }

  #keep(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length <= MAX_LINE_BYTES) {
      if (length > this.#room.length) this.#grow(length);
      this.#room.set(bytes, this.#length);
    } else if (this.#length < HEAD_SIZE) {
      this.#room.set(bytes.subarray(0, HEAD_SIZE - this.#length), this.#length);
    }
    this.#length = length;
  }

  #grow(length: number): void {
    const room = new Uint8Array(Math.min(MAX_LINE_BYTES, 2 * length));
    room.set(this.#room);
    this.#room = room;
  }

  #takeLine(): Uint8Array {
    const length = this.#length;
    this.#length = 0;
    this.#isCut = length > MAX_LINE_BYTES;
    return this.#isCut ? showHead(this.#room) : this.#room.subarray(0, length);
  }
}

function showHead(bytes: Uint8Array): Uint8Array {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes.subarray(0, HEAD_SIZE));
  // Cutting may have halved the last character.
  return new TextEncoder().encode(`${text.replace(/\uFFFD$/, "")}…`);
}
