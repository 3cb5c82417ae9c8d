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

/** What was told while the memory for all processes could not be reached. */
export interface AlertHandOver extends Omit<AlertRecord, "failure"> {
  /** Somebody who began to tell was gone before its end. */
  readonly isUncertain: boolean;
}

/** Remembers what was told to whom, for all processes together. Methods throw `StoreError`. */
export interface AlertStates {
  /** Notes what was seen, and takes the right to tell it where there is something to tell. */
  take(notifier: string, observation: AlertObservation, options: AlertTakeOptions): Promise<AlertTurn>;
  /** Ends a claim. One that expired and was taken by another process changes nothing. */
  end(claim: AlertClaim, end: AlertEnd): Promise<void>;
  /** Takes in what was told elsewhere, unless what was told here is newer. */
  adopt(told: AlertHandOver): Promise<void>;
  /** Forgets a key, for all notifiers; gives how many knew it. */
  forget(key: string): Promise<number>;
  /** By key and notifier. At most `limit`. */
  list(limit: number): Promise<readonly AlertRecord[]>;
}

/** Stands in for the memory for all processes while that can't be reached, for the processes of one machine. */
export interface LocalAlertStates extends AlertStates {
  /**
   * Hands what was told through a notifier over to the memory that is back, and forgets it here. What somebody tells
   * just now stays for the next time. Throws what `to` throws, and then forgets nothing.
   */
  handOver(notifier: string, to: Pick<AlertStates, "adopt">): Promise<void>;
}
