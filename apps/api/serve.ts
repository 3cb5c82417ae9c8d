import { type Log, MS_PER_SECOND, VERSION } from "@ipcascade/core";
import { openOperations, type Settings } from "@ipcascade/platform";
import { createApp } from "./app.ts";
import { findListen } from "./listen.ts";
import type { Listener } from "./listener.ts";
import { readPolicy } from "./read_policy.ts";

/** How long requests in flight are waited for at the end. */
const DRAIN_MS = 5 * MS_PER_SECOND;

/** How the API is served. */
export interface ServeOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Finishes what is in flight, then ends. */
  readonly stop: AbortSignal;
  /** Gives up what is in flight. */
  readonly abort: AbortSignal;
  /** Told once it listens, of its address such as `http://127.0.0.1:8080`. */
  readonly onListen?: (address: string) => void;
}

/** Serves the API until it is stopped. Throws `UsageError` for settings that it can't be served with. */
export async function serveApi({ settings, log, stop, abort, onListen }: ServeOptions): Promise<void> {
  const policy = readPolicy(settings);
  const listen = await findListen();
  await using operations = await openOperations(settings, log, { version: VERSION });
  const app = createApp({ operations, policy, version: VERSION });
  const { host, port } = settings;
  const listener = await listen({ host, port, answer: (request, bindings) => app.fetch(request, bindings) });
  onListen?.(describeAddress(listener));
  await aborted(stop);
  await Promise.race([listener.drain(), aborted(abort), operations.clock.sleep(DRAIN_MS)]);
  await listener.close();
}

function describeAddress({ host, port }: Listener): string {
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
