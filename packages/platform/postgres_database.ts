import { availableParallelism } from "node:os";
import { createPostgresClient, openPostgresSession, type SqlClient } from "@ipcascade/store";
import { readPostgresUrl } from "./postgres_url.ts";
import { openPromptSocket } from "./prompt_socket.ts";

/** How to use a PostgreSQL server. */
export interface PostgresDatabaseOptions {
  /** Connections at most; default two for each core (runbook: Slow Enrichment). */
  readonly poolSize?: number;
  /** How long to wait for a connection; default 10 s. `connect_timeout` in the URL wins. */
  readonly connectTimeoutMs?: number;
  /** What the server shows about the connections; default `ipcascade`. */
  readonly applicationName?: string;
  /** After this long the server gives up a statement; default never. */
  readonly statementTimeoutMs?: number;
  /** After this long without use a connection is closed; default never. */
  readonly idleTimeoutMs?: number;
  /** How long closing waits for running statements; default 5 s. */
  readonly closeTimeoutMs?: number;
  /** Told when a server that was there is away and waited for. */
  readonly onAway?: (error: unknown) => void;
  /** Pauses before further tries while it is away, in milliseconds; by default some 17 s together. */
  readonly awayPausesMs?: readonly number[];
}

const DEFAULT_CONNECT_TIMEOUT_MS = 10_000;

/** The driver's own word comes first: it knows more. */
const ENTRY_MARGIN_MS = 1_000;

/**
 * A prepared statement is planned each time: a plan that was kept from a time when the tables were empty reads them
 * whole until the server analyses them, a minute later. A row that somebody else keeps locked is waited for a minute,
 * not for ever. Poolers that know no prepared statements don't know the parameters either.
 */
const SESSION = { plan_cache_mode: "force_custom_plan", lock_timeout: 60_000 } as const;

/**
 * Prepares connections to the server of a `postgres://` URL; the first statement opens one. Throws `UsageError` when
 * the URL can't be understood.
 */
export async function openPostgresDatabase(
  url: string,
  options: PostgresDatabaseOptions = {},
): Promise<SqlClient> {
  const target = readPostgresUrl(url);
  const {
    poolSize = availableParallelism() * 2,
    connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS,
    applicationName = "ipcascade",
    statementTimeoutMs,
    idleTimeoutMs,
    closeTimeoutMs,
    onAway,
    awayPausesMs,
  } = options;
  const connectMs = target.connectTimeoutMs ?? connectTimeoutMs;
  // Of several hosts the driver tries one after the other.
  const entryMs = connectMs * target.host.split(",").length + ENTRY_MARGIN_MS;
  const { default: postgres } = await import("postgres");
  const config = {
    host: target.host,
    port: target.port,
    ...(isOneAddress(target.host) ? { socket: () => openPromptSocket(target) } : {}),
    user: target.user,
    password: target.password,
    database: target.database,
    ssl: target.tls,
    prepare: target.canPrepare,
    connect_timeout: connectMs / 1_000,
    idle_timeout: idleTimeoutMs === undefined ? undefined : idleTimeoutMs / 1_000,
    // Parameters and results are texts and numbers: the list of the server's array types is not needed.
    fetch_types: false,
    onnotice: () => {},
    connection: {
      application_name: applicationName,
      ...(statementTimeoutMs === undefined ? {} : { statement_timeout: statementTimeoutMs }),
      ...(target.canPrepare ? SESSION : {}),
      ...target.parameters,
    },
  };
  return createPostgresClient(
    () => openPostgresSession((more) => postgres({ ...config, ...more }), { connectMs: entryMs }),
    { size: poolSize, secrets: target.secrets, closeTimeoutMs, onAway, awayPausesMs },
  );
}

/** Not a directory of sockets, nor a list of which the driver tries one after the other. */
function isOneAddress(host: string): boolean {
  return !/[/,]/.test(host);
}
