import { type AlertStates, type Clock, formatInstant } from "@ipcascade/core";

/** The report on forgetting an alert. Instants are RFC 3339 UTC. */
export interface ForgottenAlert {
  readonly operation: "forget-alert";
  /** `unknown` where nothing was remembered under the key. */
  readonly status: "done" | "unknown";
  readonly key: string;
  /** For how many notifiers it was remembered. */
  readonly forgotten: number;
  readonly finished_at: string;
}

/** What alerts are forgotten with. */
export interface ForgetDeps {
  readonly states: Pick<AlertStates, "forget">;
  /** What this machine remembers of the time without the database. */
  readonly local: Pick<AlertStates, "forget">;
  readonly clock: Clock;
}

/**
 * Forgets what was seen and told under a key: nobody is told of recovery, and the next thing that is bad is told as
 * new. Throws `StoreError`.
 */
export async function forgetAlert(
  { states, local, clock }: ForgetDeps,
  key: string,
): Promise<ForgottenAlert> {
  const forgotten = Math.max(await states.forget(key), await local.forget(key));
  return {
    operation: "forget-alert",
    status: forgotten === 0 ? "unknown" : "done",
    key,
    forgotten,
    finished_at: formatInstant(clock.now()),
  };
}
