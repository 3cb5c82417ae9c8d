import { type BackupDatabase, type BackupOrigin, type Clock, type Random, StoreError } from "@ipcascade/core";
import { withLocks } from "./_backup_locks.ts";
import { ensureIdentity, readOrigin } from "./_backup_origin.ts";
import { openRehearsedTables } from "./_backup_rehearse.ts";
import { openReplacedTables } from "./_backup_replace.ts";
import { openTables, type TablesHead } from "./_backup_tables.ts";
import { readSchemaStamp } from "./migrate.ts";
import { type Migration, MIGRATIONS } from "./migrations/mod.ts";
import { checkOwner } from "./_backup_owner.ts";
import { withOutcome } from "./_backup_outcome.ts";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import type { CopyTransaction } from "./copy_rows.ts";
import type { SqlClient } from "./sql_client.ts";

/** What backing up and restoring a database in SQL need. */
export interface SqlBackupOptions {
  /** A migrated database. */
  readonly sql: SqlClient;
  readonly kind: BackupOrigin["kind"];
  readonly clock: Clock;
  /** Spreads the pauses between tries for the locks. */
  readonly random: Random;
  /** The steps of the schema; the program's own by default. */
  readonly migrations?: readonly Migration[];
}

/** The database as backups see it, in SQL. */
export function createSqlBackupDatabase(options: SqlBackupOptions): BackupDatabase {
  const { sql, kind, clock, migrations = MIGRATIONS } = options;
  const readHead = async (tx: Pick<SqlClient, "query">): Promise<TablesHead> => ({
    schema: await readSchemaStamp(tx),
    origin: await readOrigin(tx, kind),
  });
  return {
    snapshot: async (work, { signal } = {}) => {
      await ensureIdentity(sql);
      return await sql.copying(async (tx) => await work(await openTables(tx, await readHead(tx))), {
        isSnapshot: true,
        sharedTables: BACKED_UP_TABLES.map(({ table }) => table),
        signal,
      });
    },
    replace: async (work, { schemaVersion: version, ...waiting }) => {
      checkVersion(version, migrations);
      await checkOwner(sql);
      await ensureIdentity(sql);
      return await withOutcome(sql, (noteEnd) =>
        withLocks(options, async (tx) => {
          const head = await readHead(tx);
          const { tables, check } = await openReplacedTables(tx, {
            head,
            version,
            migrations,
            now: clock.now(),
          });
          const result = await work(tables);
          check();
          await noteEnd(tx, result);
          return result;
        }, waiting));
    },
    rehearse: async (work, { schemaVersion: version, signal }) => {
      checkVersion(version, migrations);
      await ensureIdentity(sql);
      return await undoing(sql, async (tx) => {
        const head = await readHead(tx);
        return await work(await openRehearsedTables(tx, { head, version, migrations, now: clock.now() }));
      }, signal);
    },
  };
}

function checkVersion(version: number, migrations: readonly Migration[]): void {
  if (Number.isInteger(version) && version >= 1 && version <= migrations.length) return;
  throw new StoreError(
    `Cannot load rows of schema version ${version}: this program knows 1 to ${migrations.length}`,
  );
}

/** Carries a result out of a transaction that must not last. */
class Undone<T> extends Error {
  readonly result: T;

  constructor(result: T) {
    super("undone");
    this.result = result;
  }
}

async function undoing<T>(
  sql: SqlClient,
  work: (tx: CopyTransaction) => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  let undone: Undone<T> | null = null;
  try {
    return await sql.copying(async (tx) => {
      const result = await work(tx);
      throw undone = new Undone(result);
    }, { signal });
  } catch (error) {
    if (undone !== null && error === undone) return (undone as Undone<T>).result;
    throw error;
  }
}
