import {
  type Alert,
  alertGrade,
  type AlertObservation,
  type AlertStates,
  type AlertTurn,
  EnrichmentError,
  type Notifier,
} from "@ipcascade/core";
import { inLimitedTime, TimeLimitError } from "../limited_time.ts";
import type { AlertFailure, NotifierReport } from "./alert_report.ts";
import { composeAlert, composeUnremembered } from "./compose_alert.ts";
import { type AlertDeps, CLAIM_MS, SEND_BUDGET_MS, SEND_LIMIT_MS, STATE_LIMIT_MS } from "./deps.ts";

/** What remembers, and whether for this machine alone. */
interface Memory {
  readonly states: AlertStates;
  readonly where: "database" | "local";
}

interface TakenTurn {
  readonly turn: AlertTurn;
  readonly memory: Memory;
}

const COUNTER = { fire: "sent", remind: "reminded", recover: "recovered" } as const;

/** Tells one notifier what there is to tell, one message after the other. Never throws. */
export class AlertTeller {
  readonly #notifier: Notifier;
  readonly #deps: AlertDeps;
  readonly #endsAt: number;
  readonly #counts = { sent: 0, reminded: 0, recovered: 0, suppressed: 0, elsewhere: 0, failed: 0 };
  readonly #failures: AlertFailure[] = [];
  /** Those that have not failed yet; the first one is asked. */
  readonly #memories: Memory[];
  #isRemembered: boolean;

  /** Its time begins now. */
  constructor(notifier: Notifier, deps: AlertDeps) {
    this.#notifier = notifier;
    this.#deps = deps;
    this.#endsAt = deps.clock.elapsed() + SEND_BUDGET_MS;
    const { states, local } = deps;
    this.#memories = [
      ...(states === null ? [] : [{ states, where: "database" } as const]),
      ...(local === null ? [] : [{ states: local, where: "local" } as const]),
    ];
    this.#isRemembered = this.#memories.length > 0;
  }

  /** Tells the observations in their order. */
  async tell(observations: readonly AlertObservation[]): Promise<NotifierReport> {
    await this.#handOver();
    for (const observation of observations) await this.#tellOne(observation);
    return {
      notifier: this.#notifier.name,
      ...this.#counts,
      failures: this.#failures,
      is_remembered: this.#isRemembered,
      memory: this.#memories[0]?.where ?? "none",
    };
  }

  /** What was told while the database was away is known to all processes from now on. */
  async #handOver(): Promise<void> {
    const { states, local, clock, log } = this.#deps;
    if (states === null || local === null) return;
    const notifier = this.#notifier.name;
    try {
      const limit = { clock, limitMs: STATE_LIMIT_MS };
      await inLimitedTime(() => local.handOver(notifier, states), limit);
    } catch (error) {
      log.warn("What was told without the database is kept for now", {
        notifier,
        reason: describeFailure(error),
      });
    }
  }

  async #tellOne(observation: AlertObservation): Promise<void> {
    if (this.#leftMs() <= 0) {
      if (alertGrade(observation.grade) !== "ok") this.#noteFailure(observation.key, "no time was left");
      return;
    }
    const taken = await this.#take(observation);
    if (taken === null) return await this.#tellUnremembered(observation);
    const { turn, memory } = taken;
    if (turn.status === "taken") await this.#tellTaken(observation, turn, memory);
    else if (turn.status === "elsewhere") this.#counts.elsewhere++;
    else if (turn.status === "told" && turn.isBad) this.#counts.suppressed++;
  }

  /** The turn that the first memory gives that works; null where none does. */
  async #take(observation: AlertObservation): Promise<TakenTurn | null> {
    const { key, at } = observation;
    const options = { now: at, claimMs: CLAIM_MS };
    for (const memory of [...this.#memories]) {
      const turn = await this.#ask(
        memory,
        key,
        (states) => states.take(this.#notifier.name, observation, options),
      );
      if (turn !== null) return { turn, memory };
    }
    return null;
  }

  async #tellTaken(
    observation: AlertObservation,
    { kind, claim, state }: Extract<AlertTurn, { status: "taken" }>,
    memory: Memory,
  ): Promise<void> {
    const { clock, host } = this.#deps;
    const isLocal = memory.where === "local";
    const failure = await this.#send(composeAlert(observation, { kind, state, host, isLocal }));
    if (failure === null) this.#counts[COUNTER[kind]]++;
    // The message is out, or the notifier failed: where that can't be noted the claim expires, and it is told again.
    const told = failure === null ? state.grade : null;
    await this.#ask(
      memory,
      observation.key,
      (states) => states.end(claim, { now: Math.max(observation.at, clock.now()), told, failure }),
    );
  }

  async #tellUnremembered(observation: AlertObservation): Promise<void> {
    const alert = composeUnremembered(observation, this.#deps.host);
    if (alert !== null && await this.#send(alert) === null) this.#counts.sent++;
  }

  /** Why the message was not sent; null when it was. */
  async #send(alert: Alert): Promise<string | null> {
    const { clock } = this.#deps;
    const limitMs = Math.max(1, Math.min(SEND_LIMIT_MS, this.#leftMs()));
    try {
      await inLimitedTime((signal) => this.#notifier.send(alert, signal), { clock, limitMs });
      return null;
    } catch (error) {
      const message = describeFailure(error);
      this.#noteFailure(alert.key, message);
      return message;
    }
  }

  /** What a memory answers; null when it failed: it is not asked again then. */
  async #ask<T>(memory: Memory, key: string, ask: (states: AlertStates) => Promise<T>): Promise<T | null> {
    const { clock, log } = this.#deps;
    try {
      return await inLimitedTime(() => ask(memory.states), { clock, limitMs: STATE_LIMIT_MS });
    } catch (error) {
      const place = this.#memories.indexOf(memory);
      if (place >= 0) this.#memories.splice(place, 1);
      this.#isRemembered = this.#memories.length > 0;
      const { where } = memory;
      const notifier = this.#notifier.name;
      log.error("What was told can't be remembered", {
        where,
        notifier,
        key,
        reason: describeFailure(error),
      });
      return null;
    }
  }

  #noteFailure(key: string, message: string): void {
    this.#counts.failed++;
    this.#failures.push({ key, message });
    this.#deps.log.error("Alert is not sent", { notifier: this.#notifier.name, key, reason: message });
  }

  #leftMs(): number {
    return this.#endsAt - this.#deps.clock.elapsed();
  }
}

/** Why something failed. The messages of notifiers and stores hold no secret. */
export function describeFailure(error: unknown): string {
  if (error instanceof EnrichmentError || error instanceof TimeLimitError) return error.message;
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
