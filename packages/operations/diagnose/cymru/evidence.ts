import type { CircuitState, CymruAnswer, LookupOutcome } from "@ipcascade/core";
import type { ReportedError } from "../../reported_error.ts";
import type { PatternHour } from "../request_pattern.ts";
import type { Connection, NetworkPlace, Resolution } from "./probes.ts";

/** An attempt to connect to somebody else, to tell a fault of ours from one of Team Cymru's. */
export interface ReferenceProbe {
  readonly place: NetworkPlace;
  readonly connection: Connection;
}

/** Something that is known, or why it is not. */
export type Known<T> = { readonly value: T } | { readonly error: ReportedError };

/** Everything that was found out about Team Cymru. */
export interface CymruEvidence {
  readonly place: NetworkPlace;
  /** Of the name of the whois server. */
  readonly resolution: Resolution;
  /** Null when there was no address to connect to. */
  readonly connection: Connection | null;
  /** The answer of a bulk session about the known address; null when no session was tried. */
  readonly bulk: LookupOutcome<CymruAnswer> | null;
  /** The answer of DNS about the known address. */
  readonly dns: LookupOutcome<CymruAnswer>;
  readonly references: readonly ReferenceProbe[];
  readonly circuit: Known<CircuitState>;
  /** Hours of whois sessions; null where nobody records them. */
  readonly pattern: Known<readonly PatternHour[]> | null;
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  /** Answers that take longer are slow. */
  readonly slowMs: number;
  readonly patience: CymruPatience;
}

/** How long silence must have lasted, in milliseconds, before somebody is blamed for it. */
export interface CymruPatience {
  /** For a connection. Default 5 s: a first packet that is lost is sent again after 1 s and after 3 s. */
  readonly connectionMs: number;
  /** For an answer. Default 10 s: twice of what is called slow. */
  readonly answerMs: number;
}

/** The patience unless told otherwise; a look of 30 s has it. */
export const CYMRU_PATIENCE: CymruPatience = { connectionMs: 5_000, answerMs: 10_000 };

/** An address whose origin never changes in practice, and the AS that announces it (runbook, trap 7). */
export const KNOWN_ANSWER = { address: "8.8.8.8", asn: 15_169 } as const;

/** Rides along, since one address alone is asked about by DNS. */
export const KNOWN_COMPANION = "8.8.4.4";

/** Tells whether an outcome is the known answer. */
export function isKnownAnswer(outcome: LookupOutcome<CymruAnswer>): boolean {
  return outcome.status === "hit" && outcome.data.asns.includes(KNOWN_ANSWER.asn);
}

/** `whois.cymru.com:43`. */
export function formatPlace({ host, port }: NetworkPlace): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
