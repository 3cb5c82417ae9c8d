import { type BackupTable, type LoadTables, type ReplacedTables, StoreError } from "@ipcascade/core";
import { keepOpenWindows, settleTables } from "./_backup_settle.ts";
import { listTables, readShapes, tableIn } from "./_backup_shapes.ts";
import { analyzeTables, openStaging, type Staging } from "./_backup_staging.ts";
import { openLoadTables, openTables, type TablesHead } from "./_backup_tables.ts";
import { restTriggers } from "./_backup_triggers.ts";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import { type CopyTransaction, listNames, quoteName } from "./copy_rows.ts";
import { computeSchemaStamp } from "./migrate.ts";
import type { Migration } from "./migrations/mod.ts";
import type { SqlClient } from "./sql_client.ts";

/** What replacing rows goes by. */
export interface ReplaceWork {
  /** Of the database as it is. */
  readonly head: TablesHead;
  /** Of the rows that are loaded. */
  readonly version: number;
  readonly migrations: readonly Migration[];
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
}

/** The tables of a transaction that has all their locks. */
export interface OpenedTables {
  readonly tables: ReplacedTables;
  /** Throws `TypeError` when rows were cleared and nobody finished: their triggers would rest for ever. */
  check(): void;
}

/** Opens them. */
export async function openReplacedTables(tx: CopyTransaction, work: ReplaceWork): Promise<OpenedTables> {
  const { head, version, migrations, now } = work;
  const isOlder = version < migrations.length;
  let windows = "[]";
  let staging: Staging | null = null;
  let wake: (() => Promise<void>) | null = null;
  const tables: ReplacedTables = {
    old: await openTables(tx, head),
    clear: async (): Promise<LoadTables> => {
      await checkReferences(tx);
      windows = await keepOpenWindows(tx, now);
      wake = await restTriggers(tx);
      await tx.query(`truncate ${listTables(BACKED_UP_TABLES)}`);
      if (!isOlder) return await openLoadTables(tx, head);
      staging = await openStaging(tx, { version, migrations });
      const schema = await computeSchemaStamp(migrations.slice(0, version));
      return await openLoadTables(tx, { ...head, schema });
    },
    finish: async (tables) => {
      if (staging !== null) await moveRows(tx, staging);
      await restartSequences(tx, tables);
      await wake?.();
      wake = null;
      await analyzeTables(tx);
    },
    settle: () => settleTables(tx, windows),
  };
  const check = () => {
    if (wake !== null) throw new TypeError("Cannot replace the rows: they were cleared, and nobody finished");
  };
  return { tables, check };
}

/** A table that refers to rows keeps them from going. Its rows are not ours to remove. */
async function checkReferences(tx: Pick<SqlClient, "query">): Promise<void> {
  const [row] = await tx.query<{ referring: string; referred: string }>(
    `with own as (
      select to_regclass(quote_ident(name)) as oid from unnest(string_to_array($1::text, ',')) as u (name)
    )
    select conrelid::regclass::text as referring, confrelid::regclass::text as referred from pg_constraint
    where contype = 'f' and confrelid in (select oid from own) and conrelid not in (select oid from own)
    order by 1, 2 limit 1`,
    [BACKED_UP_TABLES.map(({ table }) => table).join(",")],
  );
  if (row === undefined) return;
  throw new StoreError(
    `Cannot replace the rows of ${row.referred}: the table ${row.referring}, which no backup holds, refers to them`,
  );
}

/** Brings the rows of an older schema to the present one and to their place. */
async function moveRows(tx: CopyTransaction, staging: Staging): Promise<void> {
  await staging.bringUp();
  const shapes = await readShapes(tx);
  await staging.leave();
  for (const { table, columns } of shapes) {
    const names = listNames(columns);
    await tx.query(
      `insert into ${quoteName(table)} (${names}) overriding system value
      select ${names} from ${tableIn(staging.name, table)}`,
    );
  }
  await staging.drop();
}

/** Generators of numbers go on where those of the backup stood, and never at a number that a row has. */
async function restartSequences(tx: CopyTransaction, tables: readonly BackupTable[]): Promise<void> {
  for (const { table, sequence } of await readShapes(tx)) {
    if (sequence === null) continue;
    const { column } = sequence;
    const backedUp = tables.find((other) => other.table === table)?.sequence;
    const known = backedUp?.column === column ? backedUp.next : "1";
    const [row] = await tx.query<{ next: string }>(
      `select greatest($1::text::bigint, coalesce(max(${quoteName(column)}), 0) + 1)::text as next
      from ${quoteName(table)}`,
      [known],
    );
    // Unlike `setval` this is undone with the transaction.
    await tx.query(
      `alter table ${quoteName(table)} alter column ${quoteName(column)} restart with ${row!.next}`,
    );
  }
}
