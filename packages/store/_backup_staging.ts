import { quoteName } from "./copy_rows.ts";
import { listTables, tableIn } from "./_backup_shapes.ts";
import { restTriggers } from "./_backup_triggers.ts";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import type { Migration } from "./migrations/mod.ts";
import type { SqlClient } from "./sql_client.ts";

type Transaction = Pick<SqlClient, "query">;

/** A schema of its own beside the database's, which exists in one transaction only. */
export interface Staging {
  /** Its name. */
  readonly name: string;
  /** Brings its tables and rows to the present schema. */
  bringUp(): Promise<void>;
  /** Makes the search path find the database's own tables again. */
  leave(): Promise<void>;
  /** Removes everything that it holds, piece by piece. */
  drop(): Promise<void>;
}

/** How a staging schema is made. */
export interface StagingOptions {
  /** Version of the rows that it takes. */
  readonly version: number;
  readonly migrations: readonly Migration[];
}

/** Each transaction has a schema of its own: two that make the same one would wait for each other. */
const PREFIX = "ipcascade_restore_";

/**
 * Makes a staging schema with the tables of a version, their triggers at rest, and turns the search path to it alone:
 * a table that it has not must not be the database's own.
 */
export async function openStaging(tx: Transaction, options: StagingOptions): Promise<Staging> {
  const { version, migrations } = options;
  const { path, pid } = await readSession(tx);
  const name = `${PREFIX}${pid}`;
  await tx.query(`create schema ${quoteName(name)}`);
  if (version === migrations.length) await copyTables(tx, name);
  await setSearchPath(tx, quoteName(name));
  const wake = version === migrations.length
    ? () => Promise.resolve()
    : await buildTables(tx, { name, steps: migrations.slice(0, version) });
  return {
    name,
    bringUp: async () => {
      await wake();
      for (const migration of migrations.slice(version)) await runSteps(tx, migration);
    },
    leave: () => setSearchPath(tx, path),
    drop: () => dropStaging(tx, name),
  };
}

/** Makes tables as the database has them, with columns that somebody added. */
async function copyTables(tx: Transaction, name: string): Promise<void> {
  for (const { table } of BACKED_UP_TABLES) {
    await tx.query(`create unlogged table ${tableIn(name, table)} (like ${quoteName(table)} including all)`);
  }
}

/** Makes the tables of some steps. Gives what wakes their triggers up. */
async function buildTables(
  tx: Transaction,
  { name, steps }: { readonly name: string; readonly steps: readonly Migration[] },
): Promise<() => Promise<void>> {
  for (const migration of steps) await runSteps(tx, migration);
  const present = await tx.query<{ table: string }>(
    `select relname::text as "table" from pg_class
    where relnamespace = $1::text::regnamespace and relkind = 'r' and relpersistence = 'p'`,
    [quoteName(name)],
  );
  const isBackedUp = (own: string) => BACKED_UP_TABLES.some(({ table }) => table === own);
  for (const { table } of present.filter((row) => isBackedUp(row.table))) {
    // Nobody needs them after a crash, and so they are written once instead of twice.
    await tx.query(`alter table ${quoteName(table)} set unlogged`);
  }
  return await restTriggers(tx);
}

async function runSteps(tx: Transaction, { statements }: Migration): Promise<void> {
  for (const statement of statements) await tx.query(statement);
}

async function readSession(tx: Transaction): Promise<{ readonly path: string; readonly pid: number }> {
  const [row] = await tx.query<{ path: string; pid: number }>(
    "select current_setting('search_path') as path, pg_backend_pid()::int as pid",
  );
  return row!;
}

async function setSearchPath(tx: Transaction, path: string): Promise<void> {
  await tx.query("select set_config('search_path', $1::text, true)", [path]);
}

/** Statements that drop what a schema holds, in the order in which nothing is needed any more. */
const DROPS = `select 1::int as step, 'drop view ' || string_agg(oid::regclass::text, ', ') as statement
    from pg_class where relnamespace = $1::text::regnamespace and relkind in ('v', 'm')
  union all
  select 2, 'drop table ' || string_agg(oid::regclass::text, ', ')
    from pg_class where relnamespace = $1::text::regnamespace and relkind in ('r', 'p')
  union all
  select 3, 'drop routine ' || string_agg(oid::regprocedure::text, ', ')
    from pg_proc where pronamespace = $1::text::regnamespace
  union all
  select 4, 'drop type ' || string_agg(t.oid::regtype::text, ', ')
    from pg_type t left join pg_class c on c.oid = t.typrelid
    where t.typnamespace = $1::text::regnamespace
      and (t.typtype in ('e', 'd', 'r') or t.typtype = 'c' and c.relkind = 'c')
  order by 1`;

async function dropStaging(tx: Transaction, name: string): Promise<void> {
  const drops = await tx.query<{ statement: string | null }>(DROPS, [quoteName(name)]);
  for (const { statement } of drops) if (statement !== null) await tx.query(statement);
  await tx.query(`drop schema ${quoteName(name)} restrict`);
}

/** The name of the schema that holds the database's own tables. */
export async function readOwnSchema(tx: Transaction): Promise<string> {
  const [row] = await tx.query<{ name: string }>(
    `select n.nspname::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.oid = 'schema_migration'::regclass`,
  );
  return row!.name;
}

/** Tells the planner what was loaded. */
export async function analyzeTables(tx: Transaction, schema?: string): Promise<void> {
  await tx.query(`analyze ${listTables(BACKED_UP_TABLES, schema)}`);
}
