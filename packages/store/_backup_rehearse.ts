import type { RehearsedTables, TableDifference, TableShape } from "@ipcascade/core";
import { readShapes, tableIn } from "./_backup_shapes.ts";
import { analyzeTables, openStaging, readOwnSchema, type StagingOptions } from "./_backup_staging.ts";
import { openLoadTables, type TablesHead } from "./_backup_tables.ts";
import { type CopyTransaction, quoteName } from "./copy_rows.ts";
import { computeSchemaStamp } from "./migrate.ts";
import type { SqlClient } from "./sql_client.ts";

/** Tables beside the database's own, in a transaction that has to be undone. */
export async function openRehearsedTables(
  tx: CopyTransaction,
  { head, ...options }: StagingOptions & { readonly head: TablesHead },
): Promise<RehearsedTables> {
  const { version, migrations } = options;
  const own = await readOwnSchema(tx);
  const staging = await openStaging(tx, options);
  const schema = version === migrations.length
    ? head.schema
    : await computeSchemaStamp(migrations.slice(0, version));
  return {
    ...await openLoadTables(tx, { ...head, schema }),
    differences: async () => {
      await staging.bringUp();
      await analyzeTables(tx);
      const found: TableDifference[] = [];
      for (const shape of await readShapes(tx)) found.push(await compare(tx, shape, own));
      return found;
    },
  };
}

async function compare(
  tx: Pick<SqlClient, "query">,
  { table, columns, key }: TableShape,
  own: string,
): Promise<TableDifference> {
  const rowOf = (alias: string) => columns.map(({ name }) => `${alias}.${quoteName(name)}`).join(", ");
  const isSame = key.map((name) => `n.${quoteName(name)} = o.${quoteName(name)}`).join(" and ");
  const first = quoteName(key[0]!);
  const [row] = await tx.query<Omit<TableDifference, "table">>(
    `select count(*) filter (where o.${first} is null)::int as added,
      count(*) filter (where n.${first} is not null and o.${first} is not null
        and (${rowOf("n")}) is distinct from (${rowOf("o")}))::int as changed,
      count(*) filter (where n.${first} is null)::int as lost,
      count(*) filter (where n.${first} is not null and o.${first} is not null
        and (${rowOf("n")}) is not distinct from (${rowOf("o")}))::int as same
    from ${quoteName(table)} n full join ${tableIn(own, table)} o on ${isSame}`,
  );
  return { table, ...row! };
}
