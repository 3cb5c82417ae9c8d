import { type SchemaStamp, StoreError } from "@ipcascade/core";
import { type Migration, MIGRATIONS } from "./migrations/mod.ts";
import type { SqlClient } from "./sql_client.ts";

/** What `migrate` did. */
export interface MigrationResult {
  /** The schema's version now. */
  readonly version: number;
  /** Versions that this call applied, ascending. */
  readonly applied: readonly number[];
}

interface AppliedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

/** Serialises migrations on a server: "migr" in ASCII. */
const MIGRATION_LOCK = 0x6d696772;

/**
 * Brings the schema up to this program's version, in one transaction and under a lock, so that any number of
 * processes may call it at once. Throws `StoreError` when the database was made by a newer program, or by a program
 * whose steps differ from this one's.
 */
export async function migrate(
  sql: SqlClient,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<MigrationResult> {
  const known = await listKnown(migrations);
  // Looking first keeps every start but the first away from the lock.
  if (await hasTable(sql) && checkApplied(await readApplied(sql), known) === known.length) {
    return { version: known.length, applied: [] };
  }
  return await sql.transaction(async (tx) => {
    // Whoever migrates may take long.
    await tx.query("select set_config('lock_timeout', '0', true)");
    await tx.query("select pg_advisory_xact_lock($1::bigint)", [MIGRATION_LOCK]);
    await tx.query(`create table if not exists schema_migration (
      version int primary key,
      name text not null,
      applied_at timestamptz not null default now(),
      checksum text not null
    )`);
    const done = checkApplied(await readApplied(tx), known);
    for (let index = done; index < known.length; index++) {
      for (const statement of migrations[index]!.statements) await tx.query(statement);
      const { version, name, checksum } = known[index]!;
      await tx.query(
        "insert into schema_migration (version, name, checksum) values ($1::int, $2::text, $3::text)",
        [version, name, checksum],
      );
    }
    return { version: known.length, applied: known.slice(done).map(({ version }) => version) };
  });
}

/** How a database's schema stands, as far as looking at it tells. */
export interface SchemaState {
  /** The newest step that was applied; 0 without any. */
  readonly version: number;
  /** The newest step that this program knows. */
  readonly latest: number;
  /** Why this program can't use the database; null when it can, if only after `migrate`. */
  readonly problem: string | null;
}

/** Looks at the schema and changes nothing. Throws `SqlError`. */
export async function readSchema(
  sql: SqlClient,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<SchemaState> {
  const latest = migrations.length;
  if (!await hasTable(sql)) return { version: 0, latest, problem: null };
  const known = await listKnown(migrations);
  const applied = await readApplied(sql);
  const state = { version: applied.at(-1)?.version ?? 0, latest };
  try {
    checkApplied(applied, known);
    return { ...state, problem: null };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return { ...state, problem: error.message };
  }
}

/** The stamp of the schema as it stands in a database. Throws `SqlError` when it has none. */
export async function readSchemaStamp(sql: Pick<SqlClient, "query">): Promise<SchemaStamp> {
  return await stampSteps(await readApplied(sql));
}

/** The stamps of every version of the schema, from 1. */
export function listSchemaStamps(
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<readonly SchemaStamp[]> {
  return Promise.all(migrations.map((_, index) => computeSchemaStamp(migrations.slice(0, index + 1))));
}

/** The stamp of the schema that these steps make. */
export async function computeSchemaStamp(migrations: readonly Migration[]): Promise<SchemaStamp> {
  return await stampSteps(await listKnown(migrations));
}

async function stampSteps(steps: readonly AppliedMigration[]): Promise<SchemaStamp> {
  const checksum = await digestText(steps.map((step) => step.checksum).join("\n"));
  return { version: steps.at(-1)?.version ?? 0, checksum };
}

async function listKnown(migrations: readonly Migration[]): Promise<readonly AppliedMigration[]> {
  const checksums = await Promise.all(migrations.map(computeChecksum));
  return migrations.map(({ version, name }, index) => ({ version, name, checksum: checksums[index]! }));
}

async function hasTable(sql: SqlClient): Promise<boolean> {
  const rows = await sql.query<{ found: boolean }>(
    "select to_regclass('schema_migration') is not null as found",
  );
  return rows[0]?.found === true;
}

function readApplied(sql: Pick<SqlClient, "query">): Promise<AppliedMigration[]> {
  return sql.query("select version::int as version, name, checksum from schema_migration order by version");
}

/** How many of the known steps are applied; throws when the applied ones are not a beginning of the known ones. */
function checkApplied(applied: readonly AppliedMigration[], known: readonly AppliedMigration[]): number {
  const newest = applied.at(-1)?.version ?? 0;
  if (newest > known.length) {
    throw new StoreError(
      `Cannot use the database: its schema is version ${newest}, this program knows ${known.length} and is too old`,
    );
  }
  applied.forEach((step, index) => {
    const expected = known[index]!;
    if (step.version === expected.version && step.checksum === expected.checksum) return;
    throw new StoreError(
      `Cannot use the database: schema step ${step.version} "${step.name}" is not the one this program knows`,
    );
  });
  return applied.length;
}

/** SHA-256 of the statements, in hexadecimal. */
function computeChecksum(migration: Migration): Promise<string> {
  return digestText(migration.statements.join(";\n"));
}

async function digestText(text: string): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
