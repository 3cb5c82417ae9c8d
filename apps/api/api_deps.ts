import type { Operations } from "@ipcascade/operations";
import type { Admitted } from "./admission.ts";
import type { ApiPolicy } from "./policy.ts";
import type { Traffic } from "./traffic.ts";

/** What the app works with. Nothing of it knows a runtime. */
export interface ApiDeps {
  readonly operations: Operations;
  readonly policy: ApiPolicy;
  /** Of this program. */
  readonly version: string;
  /** What a server that can be stopped counts requests with; absent where the runtime ends them. */
  readonly traffic?: Traffic;
}

/** What a server tells the app about a request besides itself. */
export interface ApiBindings {
  /** The address that the connection came from; absent where the server does not know. */
  readonly client?: string;
  /** True where the server sends head and body in one call only when it need not say the body's length. */
  readonly joinsChunks?: boolean;
  /** What was decided on it already, on the shorter way that it did not take to its end. */
  readonly admitted?: Admitted;
}

/** What the app keeps about a request while it is answered. */
export interface ApiVariables {
  /** Named in the answer, in problems and in the log. */
  requestId: string;
  /** Who asks, for records: `operate token 1 from 192.0.2.7`. Never a secret. */
  caller: string;
  /** What the caller may do. */
  scope: "read" | "operate";
  /** Aborts when the client is gone, the time is up, or the server gives up at its end. */
  signal: AbortSignal;
}

/** The environment of the app's handlers. */
export interface ApiEnv {
  Bindings: ApiBindings;
  Variables: ApiVariables;
}
