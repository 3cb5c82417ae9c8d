import type { Clock, SourceFailure } from "@ipcascade/core";
import { CONNECTION_STATES, gradeConnectionError } from "../connection_reason.ts";
import { DeadlineError, withTimeout } from "../deadline.ts";
import { type BulkReply, createBulkReply } from "./bulk_reply.ts";
import type { ConnectTcp, TcpConnection } from "./tcp_connection.ts";

/** What a bulk session needs. */
export interface WhoisSessionDeps {
  readonly connect: ConnectTcp;
  readonly clock: Clock;
  readonly host: string;
  readonly port: number;
  /** Longest time for connecting, and longest silence (setting `CYMRU_TIMEOUT`), in milliseconds. */
  readonly timeoutMs: number;
}

/** How far to go with a session. */
export interface WhoisSessionOptions {
  readonly signal?: AbortSignal;
  /** Gets the number of addresses answered so far, whenever bytes came. */
  readonly onProgress?: (answered: number) => void;
}

/** What a session brought, and why it ended; `failure` is null when the server closed it in order. */
export interface WhoisSession {
  readonly reply: BulkReply;
  readonly failure: SourceFailure | null;
}

/** Time that a session may take beyond the timeout; Team Cymru answers about 10 000 addresses a minute. */
const MS_PER_ADDRESS = 20;
/** Patience for further rows once every address has one: a server that forgets to close costs no more. */
const LINGER_MS = 2_000;
/** Addresses written at once, so that a slow server is not flooded. */
const ADDRESSES_PER_WRITE = 500;

/**
 * Holds one bulk session about these addresses (canonical texts, no duplicates). Never throws: what came before
 * the session broke is in the reply.
 */
export async function holdWhoisSession(
  addresses: readonly string[],
  deps: WhoisSessionDeps,
  options: WhoisSessionOptions,
): Promise<WhoisSession> {
  const reply = createBulkReply(new Set(addresses));
  const target = `${deps.host}:${deps.port}`;
  let connection: TcpConnection;
  try {
    connection = await openConnection(deps, options.signal);
  } catch (error) {
    return { reply, failure: describeFailure(error, { target, reply, signal: options.signal }) };
  }
  try {
    // Beside the reading: a server that answers while it is asked would otherwise wait for us, and we for it.
    // How sending fails shows in what can be read.
    void sendQuestion(connection, addresses).catch(() => undefined);
    const isWithinBounds = await receiveReply(connection, { reply, deps, options, count: addresses.length });
    return { reply, failure: isWithinBounds ? null : describeExcess(target) };
  } catch (error) {
    return { reply, failure: describeFailure(error, { target, reply, signal: options.signal }) };
  } finally {
    connection.close();
  }
}

function openConnection(deps: WhoisSessionDeps, signal: AbortSignal | undefined): Promise<TcpConnection> {
  const { connect, host, port, timeoutMs, clock } = deps;
  return withTimeout((stop) => connect({ host, port, signal: stop }), { timeoutMs, clock, signal });
}

async function sendQuestion(connection: TcpConnection, addresses: readonly string[]): Promise<void> {
  const encoder = new TextEncoder();
  const lines = ["begin", "verbose", ...addresses, "end"];
  for (let start = 0; start < lines.length; start += ADDRESSES_PER_WRITE) {
    const part = lines.slice(start, start + ADDRESSES_PER_WRITE);
    await connection.write(encoder.encode(`${part.join("\n")}\n`));
  }
}

interface Receiving {
  readonly reply: BulkReply;
  readonly deps: WhoisSessionDeps;
  readonly options: WhoisSessionOptions;
  /** Addresses asked for. */
  readonly count: number;
}

/** Reads until the server closes; false when the reply breaks its bounds. */
async function receiveReply(connection: TcpConnection, receiving: Receiving): Promise<boolean> {
  const { reply, deps: { clock, timeoutMs }, options: { signal, onProgress }, count } = receiving;
  const chunks = connection[Symbol.asyncIterator]();
  const endsAt = clock.elapsed() + timeoutMs + count * MS_PER_ADDRESS;
  for (;;) {
    const isAnswered = reply.origins.size === count;
    const patienceMs = isAnswered ? Math.min(LINGER_MS, timeoutMs) : timeoutMs;
    const leftMs = Math.max(0, Math.min(patienceMs, endsAt - clock.elapsed()));
    const next = await withTimeout(() => chunks.next(), { timeoutMs: leftMs, clock, signal });
    if (next.done) return true;
    if (!reply.push(next.value)) return false;
    onProgress?.(reply.origins.size);
  }
}

interface Circumstances {
  readonly target: string;
  readonly reply: BulkReply;
  readonly signal?: AbortSignal;
}

function describeFailure(error: unknown, circumstances: Circumstances): SourceFailure {
  const { target, reply, signal } = circumstances;
  const action = `Cannot ask whois server "${target}"`;
  if (signal?.aborted) return { reason: "aborted", message: `${action}: the caller gave up` };
  if (error instanceof DeadlineError) {
    return { reason: "timeout", message: `${action}: ${CONNECTION_STATES.timeout}` };
  }
  if (reply.size > 0) return { reason: "cut", message: `${action}: the connection broke within the reply` };
  const reason = gradeConnectionError(error);
  return { reason, message: `${action}: ${CONNECTION_STATES[reason]}` };
}

function describeExcess(target: string): SourceFailure {
  return {
    reason: "garbage",
    message: `Cannot ask whois server "${target}": the reply is larger than allowed`,
  };
}
