import { EnrichmentError, type Log } from "@ipcascade/core";
import type { ApiBindings } from "./api_deps.ts";

/** What answers requests. */
export type Answer = (request: Request, bindings: ApiBindings) => Response | Promise<Response>;

/** Where to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly answer: Answer;
  /** Told when connections can't be taken for a while. */
  readonly log: Log;
}

/** A server that listens. */
export interface Listener {
  readonly host: string;
  readonly port: number;
  /** Resolves once it can listen no more though nobody ended it, with why; never otherwise. */
  readonly lost: Promise<ListenLostError>;
  /** Takes no more connections and waits for the requests in flight. */
  drain(): Promise<void>;
  /** Ends what is still in flight. */
  close(): Promise<void>;
}

/** Starts a server on one runtime. Throws `UsageError` when the address can't be had. */
export type Listen = (options: ListenOptions) => Promise<Listener>;

/** The end of a server that can take no more connections, so that whoever supervises it starts it anew. */
export class ListenLostError extends EnrichmentError {
  override readonly code = "LISTEN_LOST";
}
