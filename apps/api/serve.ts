import { type Clock, type Log, MS_PER_SECOND, VERSION } from "@ipcascade/core";
import {
  logUnhandledRejections,
  type OpenOperations,
  openOperations,
  type Settings,
} from "@ipcascade/platform";
import { createApp } from "./app.ts";
import { findListen } from "./listen.ts";
import type { Listener } from "./listener.ts";
import { findListenHost, readPolicy } from "./read_policy.ts";
import { createTraffic, ServerEndingError, type Traffic } from "./traffic.ts";

/** How long requests in flight, streams among them, are waited for at the end. */
const DRAIN_MS = 5 * MS_PER_SECOND;
/** How long work that was given up may take to stop. */
const GIVE_UP_MS = MS_PER_SECOND;
/** How long jobs, editions and database may take to end after that: ten seconds is what supervisors wait. */
const CLOSE_MS = 3 * MS_PER_SECOND;

/** How the API is served. */
export interface ServeOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Finishes what is in flight, then ends. */
  readonly stop: AbortSignal;
  /** Gives up what is in flight. */
  readonly abort: AbortSignal;
  /**
   * Told once it listens, of its address such as `http://127.0.0.1:8080`, and of the operations that requests call: they
   * serve another door of the process as well, until it is stopped.
   */
  readonly onListen?: (address: string, operations: OpenOperations) => void;
}

/**
 * Serves the API until it is stopped. Throws `UsageError` for settings that it can't be served with, and
 * `ListenLostError` when it can take no more connections.
 */
export async function serveApi({ settings, log, stop, abort, onListen }: ServeOptions): Promise<void> {
  const policy = await readPolicy(settings);
  const listen = await findListen();
  using _rejections = logUnhandledRejections(log);
  const operations = await openOperations(settings, log, { version: VERSION });
  const ending = { log, abort, clock: operations.clock };
  try {
    const traffic = createTraffic(operations.clock);
    const app = createApp({ operations, policy, version: VERSION, traffic });
    const listener = await listen({
      host: findListenHost(settings),
      port: settings.port,
      answer: (request, bindings) => app.fetch(request, bindings),
      log,
    });
    onListen?.(describeAddress(listener), operations);
    const lost = await Promise.race([aborted(stop), listener.lost]);
    await endRequests(listener, traffic, ending);
    if (lost !== undefined) throw lost;
  } finally {
    await within(operations[Symbol.asyncDispose](), CLOSE_MS, "jobs and the database", ending);
  }
}

/** What ends a server works with. */
interface Ending {
  readonly log: Log;
  readonly clock: Clock;
  /** Waits for nothing more. */
  readonly abort: AbortSignal;
}

async function endRequests(listener: Listener, traffic: Traffic, ending: Ending): Promise<void> {
  ending.log.info("No more requests are taken", { in_flight: traffic.inFlight });
  // The server itself comes last: once it ends, what is still sent to it can't be read any more.
  const isIdle = await within(traffic.drain(), DRAIN_MS, "requests in flight", ending);
  traffic.giveUp(new ServerEndingError("The server ends before the answer is complete"));
  const drained = listener.drain();
  await within(drained, GIVE_UP_MS, isIdle ? "connections" : "requests that were given up", ending);
  await within(listener.close(), GIVE_UP_MS, "connections", ending);
}

/** Waits for an end; false when it does not come in time, or nobody wants to wait any more. */
async function within(
  end: PromiseLike<void>,
  ms: number,
  what: string,
  { log, clock, abort }: Ending,
): Promise<boolean> {
  const timer = new AbortController();
  const late = clock.sleep(ms, timer.signal).then(() => false, () => false);
  const failed = (error: unknown) => {
    log.warn("The server did not end cleanly", { what, reason: String(error) });
    return true;
  };
  const isDone = await Promise.race([
    end.then(() => true, failed),
    late,
    aborted(abort, timer.signal).then(() => false),
  ]);
  timer.abort();
  if (!isDone) log.warn("Gave up waiting", { what });
  return isDone;
}

function describeAddress({ host, port }: Listener): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function aborted(signal: AbortSignal, until?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true, signal: until });
  });
}
