import type { BackupTable, LoadTables, ReplacedTables } from "@ipcascade/core";
import { checkReferences } from "./_backup_references.ts";
import { keepRows, type KeptRows, settleTables } from "./_backup_settle.ts";
import { listTables, readShapes, tableIn } from "./_backup_shapes.ts";
import { analyzeTables, openStaging, type Staging } from "./_backup_staging.ts";
import { openLoadTables, openTables, type TablesHead } from "./_backup_tables.ts";
import { restTriggers } from "./_backup_triggers.ts";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import { type CopyTransaction, listNames, quoteName } from "./copy_rows.ts";
import { computeSchemaStamp } from "./migrate.ts";
import type { Migration } from "./migrations/mod.ts";

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

/** Opens them. Throws `BackupRefusedError` when their rows can't be replaced. */
export async function openReplacedTables(tx: CopyTransaction, work: ReplaceWork): Promise<OpenedTables> {
  const { head, version, migrations, now } = work;
  await checkReferences(tx);
  const isOlder = version < migrations.length;
  let kept: KeptRows | null = null;
  let staging: Staging | null = null;
  let wake: (() => Promise<void>) | null = null;
  const tables: ReplacedTables = {
    old: await openTables(tx, head),
    clear: async (): Promise<LoadTables> => {
      kept = await keepRows(tx, now);
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
    settle: async () => {
      if (kept === null) throw new TypeError("Cannot settle: nothing was replaced");
      const carries = await settleTables(tx, kept);
      // What is kept may have got new numbers.
      await restartSequences(tx, await readShapes(tx));
      return carries;
    },
  };
  const check = () => {
    if (wake !== null) throw new TypeError("Cannot replace the rows: they were cleared, and nobody finished");
  };
  return { tables, check };
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
async function restartSequences(
  tx: CopyTransaction,
  tables: readonly Pick<BackupTable, "table" | "sequence">[],
): Promise<void> {
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
