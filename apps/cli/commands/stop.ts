import { openStopSignals } from "@ipcascade/platform/offline";
import type { CliContext } from "../context.ts";

/** Signals of a run: `stop` finishes the batch in hand, `abort` gives it up. */
export interface RunSignals {
  readonly stop: AbortSignal;
  readonly abort: AbortSignal;
  /** 130 or 143 once a signal came; null before. */
  readonly exitStatus: number | null;
}

/** Work that was done to its end although a signal may have come: it ends with its own status. */
export interface FinishedRun {
  readonly finished: number;
}

/** Runs work under SIGINT and SIGTERM; a stopped run ends with 130 or 143. */
export async function withStopSignals(
  context: CliContext,
  work: (signals: RunSignals) => Promise<number | FinishedRun>,
  hint = "finishing the batch in hand; once more gives it up",
): Promise<number> {
  using signals = openStopSignals({ onStop: (name) => context.tellAside(`${name}: ${hint}`) });
  const status = await work(signals);
  return typeof status === "number" ? signals.exitStatus ?? status : status.finished;
}

/** Resolves at the second signal: ends a command whose work does not end, as while it reads from a silent pipe. */
export function givenUp<End>(abort: AbortSignal, end: End): Promise<End> {
  return new Promise((resolve) => {
    if (abort.aborted) resolve(end);
    else abort.addEventListener("abort", () => resolve(end), { once: true });
  });
}
