import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { FaultEffects } from "./fault.ts";
import { listen, type OpenServer, pause, resetSocket, writeForever } from "./tcp_server.ts";
import { garbage } from "./stand_in.ts";

/** An answer before faults. */
export interface HttpAnswer {
  readonly status: number;
  readonly body?: Uint8Array | string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request as the stand-ins look at it. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  /** The body as text. */
  text(): Promise<string>;
}

/** An answer, and the faults that strike it. */
export interface HttpOutcome {
  readonly answer: HttpAnswer;
  readonly faults?: FaultEffects;
  /** Told the status in the end. */
  readonly onStatus?: (status: number) => void;
}

/** Answers requests on loopback. */
export function openHttpServer(
  handle: (request: HttpRequest) => HttpOutcome | Promise<HttpOutcome>,
  port = 0,
): Promise<OpenServer> {
  const server = createServer((incoming, response) => {
    response.on("error", () => {});
    respond(incoming, { response, handle }).catch(() => response.destroy());
  });
  return listen(server, port);
}

/** An answer of JSON. */
export function json(status: number, value: unknown, headers: Record<string, string> = {}): HttpAnswer {
  const body = JSON.stringify(value);
  return { status, body, headers: { "content-type": "application/json", ...headers } };
}

/** An answer of text. */
export function text(status: number, body: string): HttpAnswer {
  return { status, body, headers: { "content-type": "text/plain; charset=utf-8" } };
}

interface Responder {
  readonly response: ServerResponse;
  readonly handle: (request: HttpRequest) => HttpOutcome | Promise<HttpOutcome>;
}

async function respond(incoming: IncomingMessage, { response, handle }: Responder): Promise<void> {
  const method = incoming.method ?? "GET";
  const outcome = await handle({
    method,
    url: new URL(incoming.url ?? "/", "http://lab.test"),
    headers: incoming.headers,
    text: () => readText(incoming),
  });
  const { faults } = outcome;
  const delay = faults?.find("delay");
  if (delay) await pause(delay.ms);
  if (faults?.has("drop")) return;
  if (faults?.has("reset")) return resetSocket(incoming.socket);
  const answer = faults === undefined ? outcome.answer : spoil(outcome.answer, faults);
  outcome.onStatus?.(answer.status);
  const bytes = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body ?? new Uint8Array(0);
  const endless = faults?.find("endless");
  if (endless) {
    response.writeHead(answer.status, answer.headers);
    return writeForever(response, Buffer.alloc(64 * 1024, endless.of === "line" ? "x" : "row\n"));
  }
  response.writeHead(answer.status, { "content-length": String(bytes.length), ...answer.headers });
  if (method === "HEAD") return void response.end();
  const cut = faults?.find("cut");
  if (!cut) return void response.end(bytes);
  response.write(
    bytes.subarray(0, Math.floor(bytes.length * (cut.after ?? 0.5))),
    () => setTimeout(() => resetSocket(incoming.socket), 5),
  );
}

/** The answer as the faults turn it, where the fault is in what is said. */
function spoil(answer: HttpAnswer, faults: FaultEffects): HttpAnswer {
  const status = faults.find("status");
  if (status !== null) {
    return {
      status: status.status,
      body: status.body ?? `Error ${status.status}`,
      headers: { "content-type": "text/plain", ...status.headers },
    };
  }
  if (faults.has("html")) {
    const body = "<!DOCTYPE html><html><body><h1>Please log in to the network</h1></body></html>";
    const lastModified = answer.headers?.["last-modified"];
    return {
      status: 200,
      body,
      headers: { "content-type": "text/html", ...(lastModified && { "last-modified": lastModified }) },
    };
  }
  if (faults.has("garbage")) return { ...answer, status: 200, body: garbage(4096) };
  return answer;
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString();
}
