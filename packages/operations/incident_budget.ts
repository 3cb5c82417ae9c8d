import { type Clock, MS_PER_HOUR } from "@ipcascade/core";

/** Addresses sent to Cymru although it is MaxMind that fails: the incident must not become Cymru's. */
const INCIDENT_BUDGET = 1_000;

/** What an incident of MaxMind may cost Team Cymru: for one run, or for an hour of a worker that runs on. */
export class IncidentBudget {
  readonly #clock: Clock | null;
  #left = INCIDENT_BUDGET;
  #startedMs: number;

  /** With a clock the budget is whole again each hour. */
  constructor(clock: Clock | null = null) {
    this.#clock = clock;
    this.#startedMs = clock?.elapsed() ?? 0;
  }

  /** Takes one address of it; false when nothing is left. */
  take(): boolean {
    const now = this.#clock?.elapsed() ?? 0;
    if (now - this.#startedMs >= MS_PER_HOUR) {
      this.#startedMs = now;
      this.#left = INCIDENT_BUDGET;
    }
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
