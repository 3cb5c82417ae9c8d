/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Status line and fields, without the empty line. */
  readonly head: string;
  readonly body: Uint8Array;
}

/** Thrown when a connection ended before an answer did. */
export class CutConnectionError extends Error {
  /** Whether some of the answer had come. */
  readonly hasBegun: boolean;

  constructor(reason: string, hasBegun: boolean) {
    super(`The connection ended ${hasBegun ? "within an answer" : "before an answer"}: ${reason}`);
    this.hasBegun = hasBegun;
  }
}

/**
 * A connection of HTTP/1.1 that is kept, without a library that would try again or hide what really came. One
 * question at a time.
 */
export class KeptConnection implements Disposable {
  readonly #connection: Deno.TcpConn;
  readonly #decoder = new TextDecoder();
  #buffer = new Uint8Array(64 * 1024);
  #start = 0;
  #end = 0;
  #hasBegun = false;

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
  }

  static async open(port: number): Promise<KeptConnection> {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port });
    connection.setNoDelay(true);
    return new KeptConnection(connection);
  }

  /** Sends a whole request and reads its answer. Throws `CutConnectionError`. */
  async ask(request: Uint8Array): Promise<RawAnswer> {
    await this.send(request);
    return await this.read();
  }

  /** Sends some of a request. Throws `CutConnectionError`. */
  async send(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#connection.write(rest));
    } catch (error) {
      throw new CutConnectionError(String(error), false);
    }
  }

  /** Reads one whole answer. Throws `CutConnectionError`. */
  async read(): Promise<RawAnswer> {
    this.#hasBegun = this.#end > this.#start;
    const head = await this.#takeUntil(BLANK_LINE);
    const status = Number(head.slice(9, 12));
    if (status === 304 || status === 204) return { status, head, body: new Uint8Array(0) };
    const length = readField(head, "content-length");
    const body = length === null ? await this.#takeChunks() : await this.#take(Number(length));
    return { status, head, body };
  }

  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
  }

  async #takeChunks(): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    while (true) {
      const line = await this.#takeUntil(LINE_END);
      const size = parseInt(line, 16);
      if (Number.isNaN(size)) throw new CutConnectionError(`no chunk: ${line.slice(0, 40)}`, true);
      const chunk = await this.#take(size);
      await this.#takeUntil(LINE_END);
      if (size === 0) return concat(chunks);
      chunks.push(chunk);
    }
  }

  /** What comes before a mark, which is left out. */
  async #takeUntil(mark: readonly number[]): Promise<string> {
    for (let from = this.#start;;) {
      const at = findMark(this.#buffer, mark, from, this.#end);
      if (at >= 0) {
        const text = this.#decoder.decode(this.#buffer.subarray(this.#start, at));
        this.#start = at + mark.length;
        return text;
      }
      const seen = Math.max(0, this.#end - this.#start - mark.length + 1);
      await this.#fill();
      from = this.#start + seen;
    }
  }

  async #take(size: number): Promise<Uint8Array> {
    while (this.#end - this.#start < size) await this.#fill();
    return this.#buffer.slice(this.#start, this.#start += size);
  }

  async #fill(): Promise<void> {
    this.#makeRoom();
    let count: number | null = null;
    let reason = "no more came";
    try {
      count = await this.#connection.read(this.#buffer.subarray(this.#end));
    } catch (error) {
      reason = String(error);
    }
    if (count === null) throw new CutConnectionError(reason, this.#hasBegun);
    this.#hasBegun = true;
    this.#end += count;
  }

  #makeRoom(): void {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end < this.#buffer.length) return;
    const held = this.#buffer.subarray(this.#start, this.#end);
    const isLarge = held.length > this.#buffer.length / 2;
    const next = isLarge ? new Uint8Array(this.#buffer.length * 2) : this.#buffer;
    next.set(held);
    this.#buffer = next;
    this.#end = held.length;
    this.#start = 0;
  }
}

const LINE_END = [13, 10];
const BLANK_LINE = [13, 10, 13, 10];

/** A field of a head by its lower-case name; null when it is not there. */
export function readField(head: string, name: string): string | null {
  const mark = `\r\n${name}: `;
  const at = head.indexOf(mark);
  if (at < 0) return null;
  const end = head.indexOf("\r\n", at + 2);
  return head.slice(at + mark.length, end < 0 ? undefined : end);
}

function findMark(bytes: Uint8Array, mark: readonly number[], from: number, end: number): number {
  for (let at = bytes.indexOf(mark[0]!, from); at >= 0 && at + mark.length <= end;) {
    if (mark.every((byte, i) => bytes[at + i] === byte)) return at;
    at = bytes.indexOf(mark[0]!, at + 1);
  }
  return -1;
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
