/** A `POST /v1/ips` over a socket of its own, so that what was written is known at any time. */
export class Upload implements Disposable {
  /** Lines that the socket took. */
  written = 0;
  /** Lines of the answer, heads of HTTP and of its chunks excluded. */
  answered = 0;
  /** Resolves with the first record. */
  readonly first: Promise<void>;
  readonly #connection: Deno.TcpConn;
  readonly #encoder = new TextEncoder();
  #tell: () => void = () => {};

  private constructor(connection: Deno.TcpConn) {
    this.#connection = connection;
    this.first = new Promise((resolve) => this.#tell = resolve);
  }

  /** Connects and sends the head of the request. */
  static async open(port: number, query = ""): Promise<Upload> {
    const upload = new Upload(await Deno.connect({ hostname: "127.0.0.1", port }));
    const head = `POST /v1/ips${query} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-type: text/plain\r\n` +
      "connection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    await upload.#write(head);
    return upload;
  }

  /** Sends lines as one chunk of the body. */
  async send(lines: readonly string[]): Promise<void> {
    const text = `${lines.join("\n")}\n`;
    await this.#write(`${text.length.toString(16)}\r\n${text}\r\n`);
    this.written += lines.length;
  }

  /** Ends the body. */
  end(): Promise<void> {
    return this.#write("0\r\n\r\n");
  }

  /** Reads the answer to its end. Gives its last bytes. */
  async read(): Promise<string> {
    let tail: Uint8Array = new Uint8Array(0);
    for await (const bytes of this.#connection.readable) {
      const count = countLines(bytes, tail.at(-1));
      if (this.answered === 0 && count > 0) this.#tell();
      this.answered += count;
      tail = bytes.length >= KEPT ? bytes.slice(-KEPT) : new Uint8Array([...tail, ...bytes].slice(-KEPT));
    }
    return new TextDecoder().decode(tail);
  }

  /** Cuts the connection. */
  [Symbol.dispose](): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed already.
    }
  }

  async #write(text: string): Promise<void> {
    let bytes = this.#encoder.encode(text);
    while (bytes.length > 0) bytes = bytes.subarray(await this.#connection.write(bytes));
  }
}

const KEPT = 100;
const LF = 10;
const CR = 13;

/** Lines of records end with a bare LF, those of HTTP with CRLF. */
function countLines(bytes: Uint8Array, before: number | undefined): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if ((at === 0 ? before : bytes[at - 1]) !== CR) count++;
  }
  return count;
}
