/** The line of an input that is not over yet, in pieces. */
export class OpenLine {
  /** Its bytes so far. */
  length = 0;
  #pieces: Uint8Array[] = [];

  /** Adds a piece, of which it makes a copy: the reader may fill the same memory again. */
  keep(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#pieces.push(bytes.slice());
    this.length += bytes.length;
  }

  /** Gives what was kept, with `bytes` behind it, in memory of its own, and is empty then. */
  take(bytes: Uint8Array = new Uint8Array(0)): Uint8Array {
    const joined = new Uint8Array(this.length + bytes.length);
    let at = 0;
    for (const piece of [...this.#pieces, bytes]) {
      joined.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.length = 0;
    return joined;
  }
}
