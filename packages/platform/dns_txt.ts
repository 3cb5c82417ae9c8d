import { Buffer } from "node:buffer";
import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { getServers } from "node:dns";
import { lookup } from "node:dns/promises";
import { isIP, isIPv6 } from "node:net";
import type { FailureReason } from "@ipcascade/core";
import { gradeConnectionError, type ResolveTxt, type TxtReply } from "@ipcascade/sources";
import { encodeTxtQuestion, isReplyTo, readTxtMessage } from "./dns_message.ts";
import { connectTcp } from "./tcp.ts";

/** Where to ask. */
export interface TxtResolverOptions {
  /** Setting `CYMRU_DNS_SERVER`; null asks the system's servers. */
  readonly server: DnsServer | null;
}

/** A name server; the host is a name or an address, IPv6 without brackets. */
export interface DnsServer {
  readonly host: string;
  readonly port: number;
}

const DNS_PORT = 53;
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;
/** A datagram may be lost: ask again after 2 s, then after twice as long each time. */
const FIRST_WAIT_MS = 2_000;

/**
 * Asks DNS for TXT records over UDP, and over TCP where the reply does not fit. Speaks the protocol itself because
 * Deno's resolvers report a server that fails or refuses like a name that does not exist, which would be stored as
 * "not announced". The resolver does not reject.
 */
export function createTxtResolver(options: TxtResolverOptions): ResolveTxt {
  const { server } = options;
  return async (name, { signal, timeoutMs }) => {
    using stop = stopAfter(timeoutMs, signal);
    const firstWaitMs = Math.min(FIRST_WAIT_MS, timeoutMs / 3);
    let reply: TxtReply;
    try {
      const question = encodeTxtQuestion(name, randomInt(0x10000));
      const servers = server === null
        ? getServers().map(readServer)
        : await findAddresses(server, stop.signal);
      reply = await askInTurn(servers, { question, firstWaitMs, signal: stop.signal });
    } catch (error) {
      if (error instanceof RangeError) return fail("rejected");
      reply = fail(stop.signal.aborted ? "timeout" : gradeConnectionError(error));
    }
    return reply.status === "failed" && signal?.aborted ? fail("aborted") : reply;
  };
}

interface Asking {
  readonly question: Uint8Array;
  readonly firstWaitMs: number;
  readonly signal: AbortSignal;
}

/** Goes round the servers until one answers: once where they fail, for the whole time where they are silent. */
async function askInTurn(servers: readonly DnsServer[], asking: Asking): Promise<TxtReply> {
  const { question, firstWaitMs, signal } = asking;
  for (let waitMs = firstWaitMs; !signal.aborted; waitMs *= 2) {
    let last: TxtReply = fail("unreachable");
    let isSilent = false;
    for (const server of servers) {
      last = await askServer(server, question, { waitMs, signal });
      if (last.status !== "failed") return last;
      isSilent ||= last.reason === "timeout";
    }
    if (!isSilent) return last;
  }
  return fail("timeout");
}

async function askServer(
  server: DnsServer,
  question: Uint8Array,
  options: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<TxtReply> {
  using stop = stopAfter(options.waitMs, options.signal);
  try {
    const reply = readTxtMessage(await askUdp(server, question, stop.signal));
    const whole = reply.isTruncated ? readTxtMessage(await askTcp(server, question, stop.signal)) : reply;
    if (whole.code === NO_SUCH_NAME) return { status: "none" };
    if (whole.code !== NO_ERROR) return fail("server_error");
    return whole.records.length === 0 ? { status: "none" } : { status: "found", records: whole.records };
  } catch (error) {
    if (stop.signal.aborted) return fail("timeout");
    return fail(error instanceof RangeError ? "garbage" : gradeConnectionError(error));
  }
}

/** Sends the question as one datagram and waits for its reply; whatever else comes is not for us. */
function askUdp(server: DnsServer, question: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  const socket = createSocket(isIPv6(withoutZone(server.host)) ? "udp6" : "udp4");
  return new Promise<Uint8Array>((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    socket.on("error", reject);
    socket.on("message", (message, sender) => {
      if (sender.port === server.port && isReplyTo(message, question)) resolve(message);
    });
    // A connected socket hears that nobody listens, on Node and Bun; on Deno that is a timeout.
    socket.connect(server.port, server.host, () => {
      socket.send(question, (error) => error && reject(error));
    });
  }).finally(() => socket.close());
}

async function askTcp(server: DnsServer, question: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
  await using connection = await connectTcp({ ...server, signal });
  const onAbort = () => connection.close();
  signal.addEventListener("abort", onAbort, { once: true });
  const length = new Uint8Array([question.length >> 8, question.length & 0xff]);
  await connection.write(Buffer.concat([length, question]));
  let bytes = Buffer.alloc(0);
  for await (const chunk of connection) {
    bytes = Buffer.concat([bytes, chunk]);
    if (bytes.length >= 2 && bytes.length >= 2 + bytes.readUInt16BE(0)) break;
  }
  const message = bytes.subarray(2, 2 + (bytes.length < 2 ? 0 : bytes.readUInt16BE(0)));
  if (!isReplyTo(message, question)) {
    throw new RangeError("Cannot read DNS reply: it answers another question");
  }
  return message;
}

/** IPv4 first: a host that has both usually serves DNS on that one at least. */
async function findAddresses(server: DnsServer, signal: AbortSignal): Promise<DnsServer[]> {
  if (isIP(withoutZone(server.host))) return [server];
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  const found = await Promise.race([lookup(server.host, { all: true }), stopped]);
  const sorted = found.sort((a, b) => a.family - b.family);
  return sorted.map(({ address }) => ({ host: address, port: server.port }));
}

/** Reads the system's spelling: `192.0.2.1`, `fe80::1%eth0`, `192.0.2.1:5353` or `[::1]:5353`. */
function readServer(text: string): DnsServer {
  if (isIP(withoutZone(text))) return { host: text, port: DNS_PORT };
  const end = text.lastIndexOf(":");
  return { host: text.slice(0, end).replace(/^\[(.*)\]$/, "$1"), port: Number(text.slice(end + 1)) };
}

function fail(reason: FailureReason): TxtReply {
  return { status: "failed", reason };
}

/** A link-local server comes with its interface, as in `fe80::1%eth0`. */
function withoutZone(host: string): string {
  return host.split("%", 1)[0] ?? host;
}

/** A signal that aborts after `ms`, or when `outer` does; ends with its block. */
function stopAfter(
  ms: number,
  outer: AbortSignal | undefined,
): { readonly signal: AbortSignal } & Disposable {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, ms);
  outer?.addEventListener("abort", abort, { once: true });
  if (outer?.aborted) abort();
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    },
  };
}
