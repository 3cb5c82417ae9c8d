import type {
  BackupDatabase,
  BackupTable,
  Clock,
  LoadTables,
  ReplacedTables,
  ReplaceOptions,
  RestoreCarry,
  SchemaStamp,
  SnapshotTables,
} from "@ipcascade/core";
import { FakeRandom } from "../../testkit/fake_random.ts";
import { BACKED_UP_TABLES } from "../backup_catalogue.ts";
import { createSqlBackupDatabase, type SqlBackupOptions } from "../backup_database.ts";
import { MIGRATIONS } from "../migrations/mod.ts";
import type { SqlClient } from "../sql_client.ts";

/** A clock that goes on by itself. */
export const REAL_CLOCK: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    }),
};

/** The database as backups see it, with a real clock. */
export function openBackupDatabase(sql: SqlClient, more: Partial<SqlBackupOptions> = {}): BackupDatabase {
  return createSqlBackupDatabase({
    sql,
    kind: "server",
    clock: REAL_CLOCK,
    random: new FakeRandom().next,
    ...more,
  });
}

/** A small backup in memory. */
export interface MemoryBackup {
  readonly schema: SchemaStamp;
  readonly tables: readonly (BackupTable & { readonly content: Uint8Array })[];
}

/** Reads all rows of all tables. */
export async function readBackup(tables: SnapshotTables): Promise<MemoryBackup> {
  const read: MemoryBackup["tables"][number][] = [];
  for (const shape of tables.tables) {
    const content = await collect(tables.read(shape));
    const rows = content.filter((byte) => byte === 10).length;
    const file = { file: shape.table, file_bytes: 0, file_sha256: "" };
    read.push({ ...shape, ...file, rows, bytes: content.length, checks: [], content });
  }
  return { schema: tables.schema, tables: read };
}

/** Takes a snapshot of a database. */
export function takeBackup(sql: SqlClient): Promise<MemoryBackup> {
  return openBackupDatabase(sql).snapshot(readBackup);
}

/** Loads all rows of a backup, in pieces that end anywhere. */
export async function loadBackup(tables: Pick<LoadTables, "load">, backup: MemoryBackup): Promise<void> {
  for (const { content, ...table } of backup.tables) await tables.load(table, pieces(content, 1_237));
}

/** What a whole restore is, without the safety copy. */
export async function restoreBackup(
  sql: SqlClient,
  backup: MemoryBackup,
  more: Partial<ReplaceOptions & { readonly check: (tables: ReplacedTables) => Promise<void> }> = {},
): Promise<readonly RestoreCarry[]> {
  const { check, ...options } = more;
  return await openBackupDatabase(sql).replace(async (replaced) => {
    await loadBackup(await replaced.clear(), backup);
    await replaced.finish(backup.tables);
    const carries = await replaced.settle();
    await check?.(replaced);
    return carries;
  }, { schemaVersion: MIGRATIONS.length, waitMs: 10_000, ...options });
}

/** A digest of every table that is backed up, by name. */
export async function digestTables(sql: Pick<SqlClient, "query">): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const { table } of BACKED_UP_TABLES) {
    const [row] = await sql.query<{ digest: string }>(
      `select count(*) || ' ' || md5(coalesce(string_agg(t::text, E'\\n' order by t::text collate "C"), '')) as digest
      from "${table}" t`,
    );
    digests[table] = row!.digest;
  }
  return digests;
}

/** Pieces of some bytes. */
export async function* pieces(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    yield bytes.subarray(start, start + size);
    await Promise.resolve();
  }
}

async function collect(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return new Uint8Array(await new Blob(all as BlobPart[]).arrayBuffer());
}
