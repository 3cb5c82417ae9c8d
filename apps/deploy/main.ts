/**
 * API and timer as one app, for Deno Deploy and `deno serve apps/deploy/main.ts`. Loading it registers the jobs that
 * are on and nothing else: each door opens what it works with at its first request or tick.
 *
 * @module
 */
import "@ipcascade/scheduler";
import { endProcess, openStopSignals } from "@ipcascade/platform";

// A server with jobs that nobody listens in for signals outlives the first one; doors listen once they are open.
const signals = openStopSignals();
signals.stop.addEventListener("abort", () => endProcess(signals));

// eslint-disable-next-line no-restricted-syntax -- `deno serve` looks for the default export
export { default } from "@ipcascade/api/fetch";
