import { MS_PER_SECOND } from "@ipcascade/core";

/** What a caller may do: look, or also change. */
export type ApiScope = "read" | "operate";

/** A token as the app knows it: never itself. */
export interface KnownToken {
  readonly scope: ApiScope;
  /** SHA-256 of the token, as 64 lower-case hexadecimal digits. */
  readonly sha256: string;
  /** True for one that is quickly guessed. */
  readonly isShort?: true;
}

/** What one address, and one token, may send. */
export interface RateLimit {
  /** Requests in `perMs`. */
  readonly count: number;
  readonly perMs: number;
  /** Requests that may come at once. */
  readonly burst: number;
  /** True when clients on the machine itself are not counted. */
  readonly exemptsLoopback: boolean;
}

/** Who may do what, and how much. */
export interface ApiPolicy {
  /** Empty: everybody who can connect may do everything. */
  readonly tokens: readonly KnownToken[];
  /** Null is no limit. */
  readonly rateLimit: RateLimit | null;
  /** Addresses and CIDR blocks of proxies whose word on the client's address and on https counts. */
  readonly trustedProxies: readonly string[];
  /** How long one request may take, in milliseconds; a stream of records has no limit as long as it moves. */
  readonly requestTimeoutMs: number;
  /** Requests that are worked on at once; probes are not counted. */
  readonly concurrency: number;
  /** Which answers the log gets a line about; `problems` are failures, refused tokens, and what changes state. */
  readonly accessLog: "problems" | "all" | "off";
}

/** What holds when nobody says otherwise. */
export const DEFAULT_POLICY: ApiPolicy = {
  tokens: [],
  rateLimit: { count: 100, perMs: MS_PER_SECOND, burst: 200, exemptsLoopback: true },
  trustedProxies: [],
  requestTimeoutMs: 30 * MS_PER_SECOND,
  concurrency: 256,
  accessLog: "problems",
};
