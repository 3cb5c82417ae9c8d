import type { BackupDamagedError, BackupTable, SnapshotTables, TableShape } from "@ipcascade/core";
import { watchForBadRows } from "./check_rows.ts";
import { ContentChain } from "./content_chain.ts";
import type { BackupProgress, BackupWork } from "./deps.ts";
import { type MemberTarget, storeMember } from "./store_member.ts";

/** Where tables go and what is told meanwhile. */
export interface SaveTables extends MemberTarget, BackupWork {
  /** What the progress calls it. */
  readonly step: BackupProgress["step"];
  /** Given: every row is decoded on its way, and the first of a table that is not what its columns say is told. */
  readonly onBadRow?: (error: BackupDamagedError) => void;
}

/** Saves all rows of all tables, each table in one stream. Throws what reading, packing and writing throw. */
export async function saveTables(
  tables: SnapshotTables,
  options: SaveTables,
): Promise<readonly BackupTable[]> {
  const saved: BackupTable[] = [];
  for (const shape of tables.tables) saved.push(await saveTable(shape, tables, options));
  return saved;
}

async function saveTable(
  { table, columns, key, sequence }: TableShape,
  tables: SnapshotTables,
  options: SaveTables,
): Promise<BackupTable> {
  const chain = new ContentChain(options.createHasher);
  const estimate = await tables.estimateRows(table);
  const given = tables.read({ table, columns, key });
  const { onBadRow } = options;
  const rows = onBadRow === undefined ? given : watchForBadRows({ table, columns }, given, onBadRow);
  const watched = watchRows(rows, chain, {
    ...options,
    table,
    total: estimate < 0 ? null : estimate,
  });
  const file = await storeMember(`${table}.copy`, watched, options);
  const checks = chain.finish();
  return { ...file, table, columns, key, sequence, rows: chain.rows, bytes: chain.bytes, checks };
}

async function* watchRows(
  rows: AsyncIterable<Uint8Array>,
  chain: ContentChain,
  { step, table, total, onProgress, signal }: BackupWork & {
    readonly step: BackupProgress["step"];
    readonly table: string;
    readonly total: number | null;
  },
): AsyncIterable<Uint8Array> {
  const tell = () => onProgress?.({ step, member: table, done: chain.rows, total });
  signal?.throwIfAborted();
  tell();
  for await (const piece of rows) {
    signal?.throwIfAborted();
    chain.update(piece);
    yield piece;
    tell();
  }
}
