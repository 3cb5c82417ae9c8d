import type { LockHeldError, Log } from "@ipcascade/core";
import { type BackupDeps, type OpenScratch, openWhenFree } from "@ipcascade/operations";
import { createSqlBackupDatabase, listSchemaStamps, type SqlClient } from "@ipcascade/store";
import { deferDatabase } from "./lazy_database.ts";
import { createNodeClock } from "./node_clock.ts";
import { createNodeHasher } from "./node_hasher.ts";
import { openBackupCodec, openBackupPlace } from "./open_backup_place.ts";
import { type BorrowOptions, borrowOrOpen } from "./open_database.ts";
import { openEditions } from "./open_editions.ts";
import { readPostgresUrl } from "./postgres_url.ts";
import { openScratchDatabase } from "./scratch_database.ts";
import type { Settings } from "./settings.ts";

/** What is done with backups, wired; dispose it to give the database back. */
export interface OpenBackups extends AsyncDisposable {
  readonly deps: BackupDeps;
  readonly openScratch: OpenScratch;
  /** The database for people, without secrets. */
  readonly target: string;
}

/** How backups are opened. */
export interface OpenBackupsOptions extends BorrowOptions {
  /** Of this program, for manifests and marks. */
  readonly productVersion: string;
  /** How long an embedded database that another process has open is waited for, in milliseconds; default 30 s. */
  readonly waitMs?: number;
  /** Told once whom it waits for. */
  readonly onWait?: (error: LockHeldError) => void;
  /** Ends that waiting. */
  readonly signal?: AbortSignal;
}

/** What short commands take, and some more. */
const WAIT_MS = 30_000;

/** Wires what works on backups. The database is opened with the first statement: not all of it needs one. */
export async function openBackups(
  settings: Settings,
  log: Log,
  options: OpenBackupsOptions,
): Promise<OpenBackups> {
  const clock = options.clock ?? createNodeClock();
  let opening: Promise<SqlClient> | null = null;
  const { waitMs: limitMs = WAIT_MS, onWait, signal } = options;
  const wait = { clock, limitMs, onWait, signal };
  const open = () => openWhenFree(() => borrowOrOpen(options.database, settings, log), wait);
  const database = deferDatabase({ get: () => opening ??= open() });
  const { deps: editions, policy } = await openEditions(settings, log, { clock, database });
  return {
    deps: {
      place: await openBackupPlace(settings, log, clock),
      codec: await openBackupCodec(settings),
      database: createSqlBackupDatabase({
        sql: database,
        kind: settings.databaseUrl === null ? "embedded" : "server",
        clock,
        random: Math.random,
      }),
      editions,
      policy,
      createHasher: createNodeHasher,
      schemas: await listSchemaStamps(),
      random: Math.random,
      productVersion: options.productVersion,
      clock,
      log,
    },
    openScratch: () => openScratchDatabase(),
    target: describeTarget(settings),
    [Symbol.asyncDispose]: async () => {
      // What could not be opened was told to whoever needed it.
      const opened = await opening?.catch(() => null);
      await opened?.close();
    },
  };
}

function describeTarget({ databaseUrl, dataDir }: Settings): string {
  if (databaseUrl === null) return `the embedded database in ${dataDir}`;
  const { host, port, database } = readPostgresUrl(databaseUrl);
  return `the database "${database ?? "postgres"}" on ${host}:${port}`;
}
