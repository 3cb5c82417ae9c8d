/** What a caller may do: look, or also change. */
export type ApiScope = "read" | "operate";

/** A token as the app knows it: never itself. */
export interface KnownToken {
  readonly scope: ApiScope;
  /** SHA-256 of the token, as 64 hexadecimal digits. */
  readonly sha256: string;
}

/** Who may do what, and how much. */
export interface ApiPolicy {
  /** Empty: everybody who can connect may do everything. */
  readonly tokens: readonly KnownToken[];
  /** How long one request may take, in milliseconds; a stream of records has no limit as long as it moves. */
  readonly requestTimeoutMs: number;
}

/** What holds when nobody says otherwise. */
export const DEFAULT_POLICY: ApiPolicy = { tokens: [], requestTimeoutMs: 30_000 };
