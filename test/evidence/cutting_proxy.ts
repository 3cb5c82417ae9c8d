import { Buffer } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import { listen, type OpenServer } from "../../packages/testkit/lab/tcp_server.ts";

/** What happens to a request on its way. */
export interface Break {
  /** Whether it is met on the way to the server, or back. */
  readonly way: "to" | "back";
  /** After so many bytes of it, its head included. */
  readonly afterBytes: number;
  /** Ends the connection, lets it hang for good, or turns one bit of the next bytes. */
  readonly kind: "cut" | "hang" | "damage";
}

/** A request as it begins, such as `GET /bucket/key?query`. */
export type ChooseBreak = (request: string) => Break | null;

/** Bytes of one request, and what becomes of them. */
interface Passage {
  readonly fault: Break | null;
  readonly passed: Record<Break["way"], number>;
  isDone: boolean;
}

const HEAD = /^([A-Z]{3,7} \S+) HTTP\/1\.1\r\n/;

/**
 * Passes bytes on to an HTTP server on loopback, and breaks what it is told to. It sees requests where a connection
 * begins to send after an answer: clients that send the next one earlier are not understood.
 */
export class CuttingProxy implements AsyncDisposable {
  /** Every request that came, in order. */
  readonly requests: string[] = [];
  /** Chooses what happens to a request. */
  choose: ChooseBreak = () => null;
  /** How many breaks there were. */
  breaks = 0;
  readonly #port: number;
  #server: OpenServer | null = null;
  #isDown = false;
  #onBreak: () => void = () => {};

  /** It does not listen yet: see `open`. */
  constructor(endpoint: string) {
    this.#port = Number(new URL(endpoint).port);
  }

  /** Starts to listen, on a port that the system chooses. */
  async open(): Promise<this> {
    this.#server = await listen(createServer((socket) => this.#pass(socket)));
    return this;
  }

  /** URL without a slash at its end. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#server!.port}`;
  }

  /** Ends every new connection at once, until told otherwise. */
  setDown(isDown: boolean): void {
    this.#isDown = isDown;
  }

  /** Resolves with the next break. */
  nextBreak(): Promise<void> {
    return new Promise((resolve) => this.#onBreak = resolve);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server?.close();
  }

  #pass(client: Socket): void {
    if (this.#isDown) return void client.destroy();
    const server = connect(this.#port, "127.0.0.1");
    let passage: Passage = { fault: null, passed: { to: 0, back: 0 }, isDone: true };
    const end = () => {
      client.destroy();
      server.destroy();
    };
    const carry = (way: Break["way"], chunk: Buffer) => {
      const [source, target] = way === "to" ? [client, server] : [server, client];
      const piece = this.#meet(passage, way, chunk, end);
      if (piece === null || target.write(piece)) return;
      source.pause();
      target.once("drain", () => source.resume());
    };
    client.on("data", (chunk: Buffer) => {
      const request = HEAD.exec(chunk.toString("latin1", 0, 2_000))?.[1];
      if (request !== undefined) {
        this.requests.push(request);
        passage = { fault: this.choose(request), passed: { to: 0, back: 0 }, isDone: false };
      }
      carry("to", chunk);
    });
    server.on("data", (chunk: Buffer) => carry("back", chunk));
    for (const socket of [client, server]) socket.on("error", end).on("close", end);
  }

  /** What is passed on of a piece; null for nothing. */
  #meet(passage: Passage, way: Break["way"], chunk: Buffer, end: () => void): Buffer | null {
    const { fault, passed } = passage;
    passed[way] += chunk.length;
    if (fault === null || fault.way !== way || passed[way] <= fault.afterBytes) return chunk;
    if (passage.isDone) return fault.kind === "damage" ? chunk : null;
    passage.isDone = true;
    this.breaks++;
    this.#onBreak();
    if (fault.kind === "cut") end();
    if (fault.kind !== "damage") return null;
    const damaged = Buffer.from(chunk);
    damaged[damaged.length - 1]! ^= 1;
    return damaged;
  }
}
