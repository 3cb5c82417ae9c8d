import type { Clock } from "@ipcascade/core";
import type { ProfiledStage, ProfileStage } from "./profile_report.ts";

interface Timing {
  startMs: number;
  durationMs: number;
  calls: number;
}

/** Measures the parts of stages, from its own creation on. */
export class StageTimer {
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #begun = new Map<ProfileStage, number>();
  readonly #timings = new Map<ProfileStage, Timing>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedMs = clock.elapsed();
  }

  /** Milliseconds since its creation. */
  get elapsedMs(): number {
    return this.#clock.elapsed() - this.#startedMs;
  }

  /** Measures a part that runs at once. */
  run<T>(stage: ProfileStage, work: () => T): T {
    const startMs = this.elapsedMs;
    try {
      return work();
    } finally {
      this.add(stage, startMs);
    }
  }

  /** Measures a part that is waited for. */
  async wait<T>(stage: ProfileStage, work: () => Promise<T>): Promise<T> {
    const startMs = this.elapsedMs;
    try {
      return await work();
    } finally {
      this.add(stage, startMs);
    }
  }

  /** Adds a part that began at a reading of `elapsedMs` and ends now. */
  add(stage: ProfileStage, startMs: number): void {
    const durationMs = this.elapsedMs - startMs;
    const timing = this.#timings.get(stage);
    if (timing === undefined) this.#timings.set(stage, { startMs, durationMs, calls: 1 });
    else {
      timing.durationMs += durationMs;
      timing.calls++;
    }
  }

  /** Begins a part that ends elsewhere; without an end it is not counted. */
  begin(stage: ProfileStage): void {
    this.#begun.set(stage, this.elapsedMs);
  }

  /** Ends a part that was begun; what was not begun is left alone. */
  end(stage: ProfileStage): void {
    const startMs = this.#begun.get(stage);
    if (startMs !== undefined) this.add(stage, startMs);
    this.#begun.delete(stage);
  }

  /** The figures of a stage; null when it did not run. */
  find(stage: ProfileStage): Pick<ProfiledStage, "start_ms" | "duration_ms" | "calls"> | null {
    const timing = this.#timings.get(stage);
    if (timing === undefined) return null;
    const { startMs, durationMs, calls } = timing;
    return { start_ms: roundMs(startMs), duration_ms: roundMs(durationMs), calls };
  }
}

/** Microseconds are the finest that is worth telling. */
export function roundMs(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
