import process from "node:process";
import type { StopSignals } from "./stop_signals.ts";

/** The part of a process that ends it. */
export interface EndingProcess {
  /** How many listen for a signal. */
  listenerCount(name: "SIGINT" | "SIGTERM"): number;
  /** Ends it. */
  exit(status: number): void;
}

/**
 * Says that whoever opened these signals has ended its work. The process ends with their exit status once nobody in it
 * listens for signals any more: of several doors in one process each finishes, and the last one ends it.
 */
export function endProcess(signals: StopSignals, ending: EndingProcess = process): void {
  const { exitStatus } = signals;
  signals[Symbol.dispose]();
  if (ending.listenerCount("SIGINT") + ending.listenerCount("SIGTERM") > 0) return;
  ending.exit(exitStatus ?? 0);
}
