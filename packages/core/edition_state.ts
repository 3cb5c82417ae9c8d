import type { EditionOrigin } from "./edition.ts";

/** What updating remembers between runs. Instants are RFC 3339 UTC. */
export interface EditionState {
  readonly format: 1;
  /** When a provider last said what it offers. */
  readonly checked_at: string | null;
  /** The latest attempt; `ended_at` is null while it runs, and stays null when it was killed. */
  readonly attempt: EditionAttempt | null;
  /** Failed attempts in a row. */
  readonly failures: number;
  /** Killed attempts in a row. */
  readonly interruptions: number;
  /** Earliest next attempt after failures; null when nothing holds it back. */
  readonly retry_at: string | null;
  /** Set while a provider's 429 keeps it closed. */
  readonly closed_until: string | null;
  /** Stands for provider and account: a failure of other settings holds nothing back. No secret can be read from it. */
  readonly settings: string | null;
  /** Downloads begun in one day of UTC (`YYYY-MM-DD`). */
  readonly downloads: { readonly day: string; readonly count: number };
  /** When the provider lately had nothing new, oldest first: a restart loop must not ask without end. */
  readonly checks: readonly string[];
  /** Releases that are not installed again. */
  readonly rejected: readonly RejectedRelease[];
  /** When a newer release than an installed database was first seen, for the licence. */
  readonly superseded: readonly SupersededEdition[];
  /** What happened to sets, oldest first, the latest few hundred. */
  readonly events: readonly EditionEvent[];
}

/** One attempt to update. */
export interface EditionAttempt {
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly outcome: "installed" | "current" | "failed" | null;
  /** Why it failed. */
  readonly error: { readonly code: string; readonly message: string } | null;
}

/** A release that was refused, or that an operator rolled back from. */
export interface RejectedRelease {
  readonly edition_id: string;
  readonly release: string;
  readonly reason: "verification" | "rolled_back";
  readonly message: string;
  readonly at: string;
}

/** A database for which a newer release was seen. */
export interface SupersededEdition {
  /** Of the older database. */
  readonly sha256: string;
  readonly at: string;
}

/** Something that happened to a set. */
export interface EditionEvent {
  readonly at: string;
  readonly event: "installed" | "adopted" | "rolled_back" | "recovered" | "rejected" | "destroyed";
  readonly set: string | null;
  readonly provider?: EditionOrigin;
  /** For people. */
  readonly reason: string | null;
}

/** Nothing is known. */
export const EMPTY_EDITION_STATE: EditionState = {
  format: 1,
  checked_at: null,
  attempt: null,
  failures: 0,
  interruptions: 0,
  retry_at: null,
  closed_until: null,
  settings: null,
  downloads: { day: "1970-01-01", count: 0 },
  checks: [],
  rejected: [],
  superseded: [],
  events: [],
};
