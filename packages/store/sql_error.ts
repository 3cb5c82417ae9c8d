import { StoreError } from "@ipcascade/core";

/** A `StoreError` that knows what the database called the failure. */
export class SqlError extends StoreError {
  /** SQLSTATE such as `40P01`, a driver's code such as `ECONNREFUSED`, or null. */
  readonly sqlState: string | null;
  override readonly isBusy: boolean;
  override readonly refusesRows: boolean;

  /** An error with its message for people, without secrets. */
  constructor(message: string, sqlState: string | null) {
    super(message);
    this.sqlState = sqlState;
    this.isBusy = sqlState === LOCK_TIMEOUT || sqlState === TOO_MANY_CONNECTIONS;
    this.refusesRows = sqlState !== null && ROW_CLASSES.test(sqlState);
  }
}

/** Data exceptions and violated constraints. */
const ROW_CLASSES = /^2[23][0-9A-Z]{3}$/;

const LOCK_TIMEOUT = "55P03";
const TOO_MANY_CONNECTIONS = "53300";

const DEADLOCK = "40P01";
const SERIALIZATION_FAILURE = "40001";

/** Tells whether the same work can succeed when it is simply done again. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof SqlError)) return false;
  return error.sqlState === DEADLOCK || error.sqlState === SERIALIZATION_FAILURE;
}

/** SQLSTATEs and drivers' codes of a server that restarts, fails over or has no connection to spare. */
const LOST_SERVER: ReadonlySet<string> = new Set([
  "57P01",
  "57P02",
  "57P03",
  TOO_MANY_CONNECTIONS,
  "08000",
  "08001",
  "08003",
  "08006",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
]);

/** Tells whether the server was lost, so that waiting a little may bring it back. */
export function isLostServer(error: unknown): boolean {
  return error instanceof SqlError && error.sqlState !== null && LOST_SERVER.has(error.sqlState);
}

/**
 * Turns what a driver threw into a `SqlError`. The driver's error itself is not kept: it carries the parameters.
 * Every text in `secrets` is masked, for a mistyped URL can end up in a driver's message.
 */
export function toSqlError(error: unknown, secrets: readonly string[] = []): SqlError {
  if (error instanceof SqlError) return error;
  const sqlState = readCode(error);
  const state = sqlState === null ? "" : ` (${sqlState})`;
  return new SqlError(`Cannot use the database: ${mask(readMessage(error), secrets)}${state}`, sqlState);
}

function readMessage(error: unknown): string {
  if (!(error instanceof Error)) return "the driver failed without a reason";
  // Connecting to a name with several addresses fails with one error for all of them and no message.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : undefined;
  if (error.message === "" && first instanceof Error) return first.message;
  return error.message;
}

function readCode(error: unknown): string | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "string" ? error.code : null;
}

function mask(message: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret !== "").reduce(
    (text, secret) => text.replaceAll(secret, "***"),
    message,
  );
}
