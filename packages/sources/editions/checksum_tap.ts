import type { EditionDeliveryError, Hasher } from "@ipcascade/core";

/** Which bytes are expected, and what to say of others. */
export interface ExpectedChecksum {
  readonly hasher: Hasher;
  /** In lower-case hexadecimal. */
  readonly expected: string;
  readonly onMismatch: (found: string) => EditionDeliveryError;
}

/** Computes the checksum of a stream while it is read. */
export class ChecksumTap {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #expected: ExpectedChecksum;
  #isCompared = false;

  /** Takes the stream over; `finish` or the end of `chunks` ends it. */
  constructor(chunks: AsyncIterable<Uint8Array>, expected: ExpectedChecksum) {
    this.#iterator = chunks[Symbol.asyncIterator]();
    this.#expected = expected;
  }

  /** The stream; throws at its end when the checksum is another. Leaving it early does not end what it reads. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    const { hasher } = this.#expected;
    for (let next = await this.#iterator.next(); !next.done; next = await this.#iterator.next()) {
      hasher.update(next.value);
      yield next.value;
    }
    this.#compare();
  }

  /** Reads what nobody read, up to a bound, and throws when the checksum is another: who broke the rest off is told by that. */
  async finish(maxBytes: number): Promise<void> {
    let left = maxBytes;
    if (this.#isCompared) return;
    for await (const chunk of this.chunks()) {
      left -= chunk.length;
      if (left < 0) break;
    }
  }

  /** Leaves the stream. */
  async close(): Promise<void> {
    await this.#iterator.return?.();
  }

  #compare(): void {
    if (this.#isCompared) return;
    this.#isCompared = true;
    const found = this.#expected.hasher.digest();
    if (found !== this.#expected.expected) throw this.#expected.onMismatch(found);
  }
}
