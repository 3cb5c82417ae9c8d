import type { AlertGrade, AlertKind, AlertObservation, AlertState } from "./alert.ts";

/** The right to tell something, which nobody else has until it is settled, given up, or expires. */
export interface AlertClaim {
  readonly key: string;
  readonly notifier: string;
  /** Names this claim among all. */
  readonly token: string;
}

/** What an observation leads to. */
export type AlertTurn =
  | {
    readonly status: "taken";
    readonly kind: AlertKind;
    readonly claim: AlertClaim;
    readonly state: AlertState;
  }
  /** All was told; `isBad` where it is something bad that was. */
  | { readonly status: "told"; readonly isBad: boolean }
  /** Another process has the right to tell it: it is telling, or was killed a short time ago. */
  | { readonly status: "elsewhere" }
  /** Another process has seen something newer, which is its to tell. */
  | { readonly status: "outdated" };

/** How the right to tell is taken. */
export interface AlertTakeOptions {
  readonly now: number;
  /** How long the claim lasts: longer than sending may take, for a sender that was killed must not silence the others. */
  readonly claimMs: number;
}

/** How telling ended. */
export interface AlertEnd {
  readonly now: number;
  /** What was told; null when the notifier failed. */
  readonly told: AlertGrade | null;
  /** Why the notifier failed; null when it did not. */
  readonly failure: string | null;
}

/** What is remembered, for people who look. */
export interface AlertRecord extends AlertState {
  readonly key: string;
  readonly notifier: string;
  /** Title and message of what was seen last. */
  readonly title: string;
  readonly message: string;
  readonly fix: string | null;
  /** Why telling failed last; null when it did not, or was not tried. */
  readonly failure: string | null;
}

/** Remembers what was told to whom, for all processes together. Methods throw `StoreError`. */
export interface AlertStates {
  /** Notes what was seen, and takes the right to tell it where there is something to tell. */
  take(notifier: string, observation: AlertObservation, options: AlertTakeOptions): Promise<AlertTurn>;
  /** Ends a claim. One that expired and was taken by another process changes nothing. */
  end(claim: AlertClaim, end: AlertEnd): Promise<void>;
  /** By key and notifier. At most `limit`. */
  list(limit: number): Promise<readonly AlertRecord[]>;
}
