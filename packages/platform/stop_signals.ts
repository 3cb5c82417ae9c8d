import process from "node:process";

/** How a process was asked to end. */
export type StopSignalName = "SIGINT" | "SIGTERM";

/** The part of a process that signals arrive at. */
export interface SignalTarget {
  /** Adds a listener. */
  on(name: StopSignalName, listener: () => void): unknown;
  /** Removes a listener. */
  off(name: StopSignalName, listener: () => void): unknown;
}

/** Options of `openStopSignals`. */
export interface StopOptions {
  /** The default is this process. */
  readonly target?: SignalTarget;
  /** Told of the first signal, before `stop` aborts. */
  readonly onStop?: (name: StopSignalName) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly elapsed?: () => number;
  /** Ends the process at the third signal; by default at once, whatever it waits for. */
  readonly end?: (exitStatus: number) => void;
}

/** The signals of a run; dispose it to give them their usual effect back. */
export interface StopSignals extends Disposable {
  /** Aborts at the first signal: finish the batch in hand. */
  readonly stop: AbortSignal;
  /** Aborts at the second: give up. */
  readonly abort: AbortSignal;
  /** 130 after SIGINT, 143 after SIGTERM (128 and the signal's number); null before any. */
  readonly exitStatus: number | null;
}

const EXIT_STATUS: Readonly<Record<StopSignalName, number>> = { SIGINT: 130, SIGTERM: 143 };

/** A key press reaches every process of a terminal, and launchers such as npx hand theirs on: that is one signal. */
const SAME_SIGNAL_MS = 200;

/** Listens for SIGINT and SIGTERM: the first one stops gracefully, the second one aborts, the third one ends. */
export function openStopSignals(options: StopOptions = {}): StopSignals {
  const {
    target = process,
    onStop = () => {},
    elapsed = () => performance.now(),
    end = (status) => process.exit(status),
  } = options;
  const stopping = new AbortController();
  const aborting = new AbortController();
  let first: { readonly name: StopSignalName; readonly at: number } | null = null;
  let last: { readonly name: StopSignalName; readonly at: number } | null = null;
  const receive = (name: StopSignalName) => {
    const signal = { name, at: elapsed() };
    const isSame = last !== null && name === last.name && signal.at - last.at < SAME_SIGNAL_MS;
    last = signal;
    if (isSame) return;
    if (first === null) {
      first = signal;
      onStop(name);
      stopping.abort(new DOMException(`Stopped by ${name}`, "AbortError"));
    } else if (!aborting.signal.aborted) {
      aborting.abort(new DOMException(`Aborted by ${name}`, "AbortError"));
    } else end(EXIT_STATUS[first.name]);
  };
  const onInterrupt = () => receive("SIGINT");
  const onTerminate = () => receive("SIGTERM");
  target.on("SIGINT", onInterrupt);
  target.on("SIGTERM", onTerminate);
  return {
    stop: stopping.signal,
    abort: aborting.signal,
    get exitStatus() {
      return first === null ? null : EXIT_STATUS[first.name];
    },
    [Symbol.dispose]() {
      target.off("SIGINT", onInterrupt);
      target.off("SIGTERM", onTerminate);
    },
  };
}
