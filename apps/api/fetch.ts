/**
 * The HTTP door for servers that bring their own socket: `deno serve --parallel apps/api/fetch.ts`, and Deno Deploy.
 * Nothing is opened before the first request.
 *
 * @module
 */
import process from "node:process";
import { VERSION } from "@ipcascade/core";
import {
  closeInTime,
  createStderrLog,
  endProcess,
  openOperations,
  openStopSignals,
  readProcessSettings,
} from "@ipcascade/platform";
import type { ApiBindings } from "./api_deps.ts";
import { createApp } from "./app.ts";
import { isLoopback } from "./loopback.ts";
import { readPolicy } from "./read_policy.ts";
import { createTraffic, ServerEndingError } from "./traffic.ts";

/** What the server tells of a connection. */
interface ServedConnection {
  readonly remoteAddr: { readonly hostname?: string };
  /** Settles when the answer is out, or its reader is gone. Absent elsewhere than on Deno. */
  readonly completed?: Promise<void>;
}

/** When the end is over, whatever hangs: Deno Deploy kills five seconds after its signal. */
const END_MS = 4_500;
/** How long requests in flight are waited for at the end. */
const DRAIN_MS = 2_000;
/** How long the last answers may take to be sent. */
const SEND_MS = 500;

/** Answers requests with what was opened for them. */
type AnswerAll = (request: Request, bindings: ApiBindings) => Response | Promise<Response>;

let opening: Promise<AnswerAll> | null = null;
const inFlight = new Set<Promise<void>>();

async function open(): Promise<AnswerAll> {
  const settings = readProcessSettings();
  const log = createStderrLog({ level: "info" });
  const policy = await readPolicy(settings);
  const operations = await openOperations(settings, log, { version: VERSION });
  const traffic = createTraffic(operations.clock);
  const app = createApp({ operations, policy, version: VERSION, traffic });
  const signals = openStopSignals();
  signals.stop.addEventListener("abort", async () => {
    const endAt = operations.clock.elapsed() + END_MS;
    await Promise.race([traffic.drain(), operations.clock.sleep(DRAIN_MS)]);
    traffic.giveUp(new ServerEndingError("The server ends before the answer is complete"));
    // What was answered has still to be sent.
    await Promise.race([Promise.all(inFlight), operations.clock.sleep(SEND_MS)]);
    await closeInTime(operations, Math.max(0, endAt - operations.clock.elapsed()));
    endProcess(signals);
  });
  // This server listens where its own flags say, so that who asks decides.
  const isOpen = policy.tokens.length > 0;
  return (request, bindings) => {
    if (isOpen || (bindings.client !== undefined && isLoopback(bindings.client))) {
      return app.fetch(request, bindings);
    }
    return new Response("Cannot answer others than this machine without tokens: set IPCASCADE_API_TOKENS\n", {
      status: 403,
    });
  };
}

async function answer(request: Request, { remoteAddr, completed }: ServedConnection): Promise<Response> {
  opening ??= open();
  if (completed !== undefined) keepUntilOver(completed.catch(() => {}));
  try {
    return await (await opening)(request, { client: remoteAddr.hostname });
  } catch (error) {
    // Settings that can't be read are told at each request, and read again at the next one.
    opening = null;
    process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
    return new Response("The server can't be opened: see its log\n", {
      status: 503,
      headers: { "retry-after": "10" },
    });
  }
}

function keepUntilOver(completed: Promise<void>): void {
  inFlight.add(completed);
  void completed.finally(() => inFlight.delete(completed));
}

// eslint-disable-next-line no-restricted-syntax -- `deno serve` looks for the default export
export default { fetch: answer };
