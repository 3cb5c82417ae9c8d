import type { RehearsedTables, TableDifference, TableShape } from "@ipcascade/core";
import { checkReferences } from "./_backup_references.ts";
import { findKeptRows, settleTables } from "./_backup_settle.ts";
import { readShapes, tableIn } from "./_backup_shapes.ts";
import { analyzeTables, openStaging, readOwnSchema, type StagingOptions } from "./_backup_staging.ts";
import { openLoadTables, type TablesHead } from "./_backup_tables.ts";
import { type CopyTransaction, quoteName } from "./copy_rows.ts";
import { computeSchemaStamp } from "./migrate.ts";
import type { SqlClient } from "./sql_client.ts";

/**
 * Tables beside the database's own, in a transaction that has to be undone; `now` is in milliseconds since 1970 UTC.
 * Throws `BackupRefusedError` where the rows of the database could not be replaced.
 */
export async function openRehearsedTables(
  tx: CopyTransaction,
  { head, now, ...options }: StagingOptions & { readonly head: TablesHead; readonly now: number },
): Promise<RehearsedTables> {
  const { version, migrations } = options;
  await checkReferences(tx);
  const own = await readOwnSchema(tx);
  const kept = await findKeptRows(tx, { own, now });
  const staging = await openStaging(tx, options);
  const schema = version === migrations.length
    ? head.schema
    : await computeSchemaStamp(migrations.slice(0, version));
  return {
    ...await openLoadTables(tx, { ...head, schema }),
    differences: async () => {
      await staging.bringUp();
      await settleTables(tx, kept);
      await analyzeTables(tx);
      const found: TableDifference[] = [];
      for (const shape of await readShapes(tx)) found.push(await compare(tx, shape, own));
      return found;
    },
  };
}

const COMPARABLE =
  /^(bigint|boolean|bytea|date|double precision|inet|integer|integer\[\]|jsonb|text|timestamp with time zone|tstzmultirange|uuid)$/;

async function compare(
  tx: Pick<SqlClient, "query">,
  { table, columns, key }: TableShape,
  own: string,
): Promise<TableDifference> {
  // Not every type can be compared, and every one can be written down.
  const valueOf = (type: string) => COMPARABLE.test(type) ? "" : "::text";
  const rowOf = (alias: string) =>
    columns.map(({ name, type }) => `${alias}.${quoteName(name)}${valueOf(type)}`).join(", ");
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
