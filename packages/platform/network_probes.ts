import { once } from "node:events";
import { lookup } from "node:dns/promises";
import { connect, isIP } from "node:net";
import type { FailureReason } from "@ipcascade/core";
import type {
  Connection,
  NetworkPlace,
  NetworkProbes,
  ProbeOptions,
  Resolution,
} from "@ipcascade/operations";
import { gradeConnectionError } from "@ipcascade/sources";

/** Probes of the network by the system's resolver and real connections, which are closed at once. */
export function createNetworkProbes(elapsed: () => number): NetworkProbes {
  return {
    resolve: (host, options) => timed(elapsed, options, (signal) => resolve(host, signal)),
    connect: (place, options) => timed(elapsed, options, (signal) => connectOnce(place, signal)),
  };
}

async function resolve(host: string, signal: AbortSignal): Promise<Omit<Resolved, "durationMs">> {
  return { status: "resolved", addresses: await findAddresses(host, signal) };
}

type Resolved = Extract<Resolution, { readonly status: "resolved" }>;
type Connected = Extract<Connection, { readonly status: "connected" }>;

async function findAddresses(host: string, signal: AbortSignal): Promise<readonly string[]> {
  if (isIP(host) !== 0) return [host];
  const found = await unless(signal, lookup(host, { all: true }));
  return found.map(({ address }) => address);
}

/**
 * Tries one address of each family at once, so that a host is reached wherever one of the two has a way. Addresses are
 * tried rather than the name, since runtimes give each address of a name a quarter of a second only.
 */
async function connectOnce(
  { host, port }: NetworkPlace,
  signal: AbortSignal,
): Promise<Omit<Connected, "durationMs">> {
  const addresses = await findAddresses(host, signal);
  signal.throwIfAborted();
  const tried = [4, 6].flatMap((family) => addresses.find((address) => isIP(address) === family) ?? []);
  const first = new AbortController();
  const onAbort = () => first.abort(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const attempts = tried.map((address) => connectTo({ host: address, port }, first.signal));
    const localAddress = await Promise.any(attempts);
    return { status: "connected", localAddress };
  } finally {
    signal.removeEventListener("abort", onAbort);
    first.abort();
  }
}

/** Gives our own address of the connection. */
async function connectTo({ host, port }: NetworkPlace, signal: AbortSignal): Promise<string | null> {
  const socket = connect({ host, port });
  // Without a listener, an error that comes when nobody waits would end the process.
  socket.on("error", () => undefined);
  try {
    await once(socket, "connect", { signal });
    return socket.localAddress ?? null;
  } finally {
    socket.destroy();
  }
}

/** Runs a probe within its time, and tells why it failed. */
async function timed<Outcome>(
  elapsed: () => number,
  { timeoutMs, signal }: ProbeOptions,
  work: (signal: AbortSignal) => Promise<Outcome>,
): Promise<Outcome & { durationMs: number } | Extract<Connection, { readonly status: "failed" }>> {
  const startedAt = elapsed();
  const spent = () => Math.round(elapsed() - startedAt);
  const stop = new AbortController();
  const onAbort = () => stop.abort(signal.reason);
  const timer = setTimeout(() => stop.abort(), timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    stop.signal.throwIfAborted();
    return { ...await work(stop.signal), durationMs: spent() };
  } catch (error) {
    const reason = gradeFailure(error, { isStopped: signal.aborted, isLate: stop.signal.aborted });
    return { status: "failed", reason, durationMs: spent() };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

function gradeFailure(
  error: unknown,
  { isStopped, isLate }: { readonly isStopped: boolean; readonly isLate: boolean },
): FailureReason {
  if (isStopped) return "aborted";
  return isLate ? "timeout" : gradeConnectionError(error);
}

/** The system's resolver can't be told to stop: nobody waits for it then. */
function unless<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
