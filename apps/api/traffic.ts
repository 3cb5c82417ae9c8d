import { type Clock, EnrichmentError } from "@ipcascade/core";

/** Why work ends when the server gives it up at its end. */
export class ServerEndingError extends EnrichmentError {
  override readonly code = "SERVER_ENDING";
}

/** The requests in flight. */
export interface Traffic {
  /** Requests that are worked on: whose answer has not begun, and whose body is there. */
  readonly size: number;
  /** Everything that the end of the server waits for. */
  readonly inFlight: number;
  /** True once the server takes no more. */
  readonly isDraining: boolean;
  /** Aborts once the server gives up at its end; also the work of streams, which are in flight no more. */
  readonly ending: AbortSignal;
  /**
   * Runs a request's work until a deadline on the clock that never goes back; resolves to false when it was given up
   * then. Rejects as the work does.
   */
  run(controller: AbortController, deadline: number, work: () => Promise<void>): Promise<boolean>;
  /** As `run`, for what is not worked on yet: who sends a body slowly takes nobody's place. */
  receive(controller: AbortController, deadline: number, work: () => Promise<void>): Promise<boolean>;
  /** Keeps the server from ending until the returned function is called: for an answer that goes on being sent. */
  hold(): () => void;
  /** Takes no more requests; resolves once none is in flight and nothing is held. */
  drain(): Promise<void>;
  /** Aborts whatever is still worked on. */
  giveUp(reason: Error): void;
}

interface Entry {
  readonly controller: AbortController;
  /** On the clock that never goes back. */
  deadline: number;
  readonly giveUp: () => void;
}

/** How often deadlines are looked at: one timer for all requests, which are late by this at most. */
const TICK_MS = 250;

/** What work that was aborted gets to answer by itself. */
const GRACE_MS = 1_000;

/** Makes an empty one. */
export function createTraffic(clock: Pick<Clock, "elapsed">): Traffic {
  const entries = new Set<Entry>();
  const received = new Set<Entry>();
  const ending = new AbortController();
  const holds = new Set<() => void>();
  let tellIdle = () => {};
  const idle = new Promise<void>((resolve) => {
    tellIdle = resolve;
  });
  let isDraining = false;
  const countAll = () => entries.size + received.size + holds.size;
  const checkIdle = () => {
    if (isDraining && countAll() === 0) tellIdle();
  };
  return {
    get size() {
      return entries.size;
    },
    get inFlight() {
      return countAll();
    },
    get isDraining() {
      return isDraining;
    },
    ending: ending.signal,
    run: createRunner(entries, { clock, onLeave: checkIdle }),
    receive: createRunner(received, { clock, onLeave: checkIdle }),
    hold: () => {
      const release = () => {
        if (holds.delete(release)) checkIdle();
      };
      holds.add(release);
      return release;
    },
    drain: () => {
      isDraining = true;
      checkIdle();
      return idle;
    },
    giveUp: (reason) => {
      ending.abort(reason);
      for (const { controller } of [...entries, ...received]) controller.abort(reason);
    },
  };
}

interface RunnerOptions {
  readonly clock: Pick<Clock, "elapsed">;
  /** Told whenever a request is over. */
  readonly onLeave: () => void;
}

/** Makes what runs work that is counted in a place. */
function createRunner(place: Set<Entry>, { clock, onLeave }: RunnerOptions): Traffic["run"] {
  const watch = createWatch(place, clock);
  return (controller, deadline, work) =>
    new Promise((resolve, reject) => {
      const entry: Entry = { controller, deadline, giveUp: () => leave(false) };
      const leave = (isDone: boolean) => {
        place.delete(entry);
        onLeave();
        resolve(isDone);
      };
      place.add(entry);
      watch();
      work().then(() => leave(true), (error) => {
        reject(error);
        leave(true);
      });
    });
}

/** Makes what looks at deadlines as long as there are any; called whenever one is added. */
function createWatch(entries: ReadonlySet<Entry>, clock: Pick<Clock, "elapsed">): () => void {
  let isTicking = false;
  const tick = () => {
    isTicking = false;
    const now = clock.elapsed();
    for (const entry of entries) if (entry.deadline <= now) expire(entry, now);
    watch();
  };
  const watch = () => {
    if (isTicking || entries.size === 0) return;
    isTicking = true;
    setTimeout(tick, TICK_MS);
  };
  return watch;
}

function expire(entry: Entry, now: number): void {
  if (entry.controller.signal.aborted) return entry.giveUp();
  entry.deadline = now + GRACE_MS;
  entry.controller.abort(new DOMException("The request took too long", "TimeoutError"));
}
