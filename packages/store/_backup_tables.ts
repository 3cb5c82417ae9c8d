import {
  type BackupOrigin,
  type LoadTables,
  type SchemaStamp,
  type SnapshotTables,
  StoreError,
  type TableShape,
} from "@ipcascade/core";
import { type KnownTable, readShapes } from "./_backup_shapes.ts";
import { type CopyTransaction, quoteName } from "./copy_rows.ts";

/** What is said of tables besides their rows. */
export interface TablesHead {
  readonly schema: SchemaStamp;
  readonly origin: BackupOrigin;
}

/** The tables that a transaction's search path finds. */
export async function openTables(tx: CopyTransaction, head: TablesHead): Promise<SnapshotTables> {
  return describeTables(tx, await readShapes(tx), head);
}

/** The same, to be loaded. */
export async function openLoadTables(tx: CopyTransaction, head: TablesHead): Promise<LoadTables> {
  const tables = await readShapes(tx);
  return {
    ...describeTables(tx, tables, head),
    load: async (rows, chunks) => {
      checkColumns(rows, tables);
      const isFrozen = tables.find(({ table }) => table === rows.table)?.isPlain ?? false;
      await tx.copyIn(rows, chunks, { isFrozen });
    },
  };
}

function describeTables(
  tx: CopyTransaction,
  tables: readonly KnownTable[],
  head: TablesHead,
): SnapshotTables {
  const estimates = new Map(tables.map(({ table, estimatedRows }) => [table, estimatedRows]));
  return {
    ...head,
    tables: tables.map(({ table, columns, key, sequence }) => ({ table, columns, key, sequence })),
    estimateRows: (table) => Promise.resolve(estimates.get(table) ?? -1),
    countRows: async (table) => {
      const [row] = await tx.query<{ rows: number }>(
        `select count(*)::float8 as rows from ${quoteName(table)}`,
      );
      return row!.rows;
    },
    read: (rows) => tx.copyOut(rows),
  };
}

/** Rows of a column that is not there would be lost, and those of another type would mean something else. */
function checkColumns(rows: Pick<TableShape, "table" | "columns">, tables: readonly TableShape[]): void {
  const own = tables.find(({ table }) => table === rows.table);
  if (own === undefined) {
    throw new StoreError(
      `Cannot load ${JSON.stringify(rows.table)}: the database has no such table to restore`,
    );
  }
  for (const { name, type } of rows.columns) {
    const found = own.columns.find((column) => column.name === name);
    if (found?.type === type) continue;
    const state = found === undefined ? "has no such column" : `has it as ${found.type}`;
    throw new StoreError(
      `Cannot load ${rows.table}: its column ${
        JSON.stringify(name)
      } is ${type} in the backup, the database ${state}`,
    );
  }
}
