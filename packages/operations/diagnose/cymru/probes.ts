import type { CymruSource, FailureReason } from "@ipcascade/core";

/** A host and a TCP port; IPv6 without brackets. */
export interface NetworkPlace {
  readonly host: string;
  readonly port: number;
}

/** How far a probe may go. */
export interface ProbeOptions {
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Why a probe failed. */
export interface ProbeFailure {
  readonly status: "failed";
  readonly reason: FailureReason;
  readonly durationMs: number;
}

/** What asking for the addresses of a name brought. */
export type Resolution =
  | { readonly status: "resolved"; readonly addresses: readonly string[]; readonly durationMs: number }
  | ProbeFailure;

/** What opening a TCP connection brought; it is closed at once, and nothing is sent over it. */
export type Connection =
  | {
    readonly status: "connected";
    /** Our side of it; null where the system does not tell. */
    readonly localAddress: string | null;
    readonly durationMs: number;
  }
  | ProbeFailure;

/** Probes of the network. They do not reject. */
export interface NetworkProbes {
  /** Asks the system's resolver. */
  resolve(host: string, options: ProbeOptions): Promise<Resolution>;
  connect(place: NetworkPlace, options: ProbeOptions): Promise<Connection>;
}

/** Probes of Team Cymru. */
export interface CymruProbes extends NetworkProbes {
  /** Team Cymru as the cascade asks it, but with its own patience: as long as told, and for no turn. */
  openCymru(timeoutMs: number): CymruSource;
}
