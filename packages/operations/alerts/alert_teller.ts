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

const COUNTER = { fire: "sent", remind: "reminded", recover: "recovered" } as const;

/** Tells one notifier what there is to tell, one message after the other. Never throws. */
export class AlertTeller {
  readonly #notifier: Notifier;
  readonly #deps: AlertDeps;
  readonly #endsAt: number;
  readonly #counts = { sent: 0, reminded: 0, recovered: 0, suppressed: 0, elsewhere: 0, failed: 0 };
  readonly #failures: AlertFailure[] = [];
  #states: AlertStates | null;
  #isRemembered: boolean;

  /** Its time begins now. */
  constructor(notifier: Notifier, deps: AlertDeps) {
    this.#notifier = notifier;
    this.#deps = deps;
    this.#endsAt = deps.clock.elapsed() + SEND_BUDGET_MS;
    this.#states = deps.states;
    this.#isRemembered = deps.states !== null;
  }

  /** Tells the observations in their order. */
  async tell(observations: readonly AlertObservation[]): Promise<NotifierReport> {
    for (const observation of observations) await this.#tellOne(observation);
    return {
      notifier: this.#notifier.name,
      ...this.#counts,
      failures: this.#failures,
      is_remembered: this.#isRemembered,
    };
  }

  async #tellOne(observation: AlertObservation): Promise<void> {
    if (this.#leftMs() <= 0) {
      if (alertGrade(observation.grade) !== "ok") this.#noteFailure(observation.key, "no time was left");
      return;
    }
    const { key, at } = observation;
    const turn = await this.#askStates(
      key,
      (states) => states.take(this.#notifier.name, observation, { now: at, claimMs: CLAIM_MS }),
    );
    if (turn === null) await this.#tellUnremembered(observation);
    else if (turn.status === "taken") await this.#tellTaken(observation, turn);
    else if (turn.status === "elsewhere") this.#counts.elsewhere++;
    else if (turn.status === "told" && turn.isBad) this.#counts.suppressed++;
  }

  async #tellTaken(
    observation: AlertObservation,
    { kind, claim, state }: Extract<AlertTurn, { status: "taken" }>,
  ): Promise<void> {
    const { clock, host } = this.#deps;
    const failure = await this.#send(composeAlert(observation, { kind, state, host }));
    if (failure === null) this.#counts[COUNTER[kind]]++;
    // The message is out, or the notifier failed: where that can't be noted the claim expires, and it is told again.
    const told = failure === null ? state.grade : null;
    await this.#askStates(
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

  /** What the memory answers; null once it failed, or has none: it is not asked again then. */
  async #askStates<T>(key: string, ask: (states: AlertStates) => Promise<T>): Promise<T | null> {
    const states = this.#states;
    if (states === null) return null;
    try {
      return await inLimitedTime(() => ask(states), { clock: this.#deps.clock, limitMs: STATE_LIMIT_MS });
    } catch (error) {
      this.#states = null;
      this.#isRemembered = false;
      const reason = describeFailure(error);
      this.#deps.log.error("What was told can't be remembered", {
        notifier: this.#notifier.name,
        key,
        reason,
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
