import { assert, assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { computeSchemaStamp } from "../migrate.ts";
import { MIGRATIONS } from "../migrations/mod.ts";
import type { SqlClient } from "../sql_client.ts";
import {
  digestTables,
  loadBackup,
  type MemoryBackup,
  openBackupDatabase,
  restoreBackup,
  takeBackup,
} from "./backups.ts";
import { writeUglyRows } from "./backup_rows.ts";
import { findMiscounts } from "./recount.ts";

/** What the rows of a backup are in an older schema: the columns and tables of later steps are not there yet. */
async function makeOlder(sql: SqlClient, backup: MemoryBackup, version: number): Promise<MemoryBackup> {
  let older: MemoryBackup["tables"] = [];
  await openBackupDatabase(sql).rehearse(({ tables }) => {
    older = backup.tables.flatMap((table) => {
      const shape = tables.find((other) => other.table === table.table);
      if (shape === undefined) return [];
      const indexes = shape.columns.map(({ name }) =>
        table.columns.findIndex((column) => column.name === name)
      );
      const lines = new TextDecoder().decode(table.content).split("\n").slice(0, -1).map((line) => {
        const fields = line.split("\t");
        return indexes.map((index) => `${fields[index]}`).join("\t") + "\n";
      });
      return [{
        ...table,
        ...shape,
        sequence: table.sequence,
        content: new TextEncoder().encode(lines.join("")),
      }];
    });
    return Promise.resolve();
  }, { schemaVersion: version });
  return { schema: await computeSchemaStamp(MIGRATIONS.slice(0, version)), tables: older };
}

/** Restores rows of an older schema, and the present rows after that. */
export async function checkUpgrade(sql: SqlClient, version: number): Promise<void> {
  const [backup, before] = [await takeBackup(sql), await digestTables(sql)];
  const older = await makeOlder(sql, backup, version);
  assert(older.tables.length > 0);
  const differences = await openBackupDatabase(sql).rehearse(async (tables) => {
    assertEquals(tables.schema, older.schema);
    await loadBackup(tables, older);
    return await tables.differences(older.tables);
  }, { schemaVersion: version });
  await restoreBackup(sql, older, { schemaVersion: version });
  const after = await digestTables(sql);
  for (const { table, added, changed, lost, same } of differences) {
    assertEquals(added, 0, table);
    // Columns that the older schema has not got hold their defaults.
    assertEquals(after[table] === before[table], changed + lost === 0, `${table} of version ${version}`);
    assertEquals(Number(after[table]!.split(" ")[0]), same + changed, table);
  }
  assertEquals(await findMiscounts(sql), []);
  assertEquals(
    await sql.query("select 1::int as one from pg_namespace where nspname like 'ipcascade_restore%'"),
    [],
  );
  await restoreBackup(sql, backup);
  assertEquals(await digestTables(sql), before);
}

/** Puts rows into every table that every version takes. */
export async function writeTimelessRows(sql: SqlClient): Promise<void> {
  await writeUglyRows(sql);
  // Older schemas want a reason.
  await sql.query("update quota_audit set reason = 'because'");
}

/** What rows of older schemas become. */
export const BACKUP_UPGRADE_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "replace() and rehearse() bring rows of an older schema to the present one",
    run: async (sql) => {
      await writeTimelessRows(sql);
      await checkUpgrade(sql, 5);
    },
  },
];
