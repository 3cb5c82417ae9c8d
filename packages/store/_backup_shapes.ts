import type { BackupColumn, BackupSequence, TableShape } from "@ipcascade/core";
import { BACKED_UP_TABLES, type BackedUpTable } from "./backup_catalogue.ts";
import { quoteName } from "./copy_rows.ts";
import type { SqlClient } from "./sql_client.ts";

/** A table as it stands, with its rows as the database's statistics have them; -1 when they have nothing. */
export interface KnownTable extends TableShape {
  readonly estimatedRows: number;
  /** False for one that is partitioned. */
  readonly isPlain: boolean;
}

interface ShapeRow {
  readonly is_plain: boolean;
  readonly table: string;
  readonly estimated: number;
  readonly columns: string;
  /** The column whose numbers the table makes itself, and what makes them; null without one. */
  readonly own_column: string | null;
  readonly sequence: string | null;
}

// The same whatever the search path is: types of somebody's own stand with their schema.
const TYPE_NAME = `case when t.typnamespace = 'pg_catalog'::regnamespace
  then format_type(a.atttypid, a.atttypmod)
  else t.typnamespace::regnamespace::text || '.' || quote_ident(t.typname) end`;

// What the search path does not find has no number, and is left out.
const SHAPES = `select u.name as "table", c.reltuples::float8 as estimated, c.relkind = 'r' as is_plain,
    (select jsonb_agg(jsonb_build_object('name', a.attname, 'type', ${TYPE_NAME})
        order by a.attnum)
      from pg_attribute a join pg_type t on t.oid = a.atttypid where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        and a.attgenerated = '')::text as columns,
    own.attname::text as own_column,
    pg_get_serial_sequence(c.oid::regclass::text, own.attname) as sequence
  from unnest(string_to_array($1::text, ',')) with ordinality as u (name, place)
  join pg_class c on c.oid = to_regclass(quote_ident(u.name))
  left join pg_attribute own on own.attrelid = c.oid and own.attidentity <> '' and not own.attisdropped
  order by u.place`;

/** The tables that are backed up, as the search path finds them; an older schema has fewer. */
export async function readShapes(tx: Pick<SqlClient, "query">): Promise<readonly KnownTable[]> {
  const names = BACKED_UP_TABLES.map(({ table }) => table).join(",");
  const rows = await tx.query<ShapeRow>(SHAPES, [names]);
  const shapes: KnownTable[] = [];
  for (const row of rows) {
    const { key } = BACKED_UP_TABLES.find(({ table }) => table === row.table) as BackedUpTable;
    shapes.push({
      table: row.table,
      key,
      columns: JSON.parse(row.columns) as BackupColumn[],
      sequence: await readSequence(tx, row),
      estimatedRows: row.estimated,
      isPlain: row.is_plain,
    });
  }
  return shapes;
}

async function readSequence(
  tx: Pick<SqlClient, "query">,
  { own_column: column, sequence }: ShapeRow,
): Promise<BackupSequence | null> {
  if (column === null || sequence === null) return null;
  // The name comes quoted from the catalogue.
  const [row] = await tx.query<{ next: string }>(
    `select (s.last_value + case when s.is_called then p.seqincrement else 0 end)::text as next
    from ${sequence} s join pg_sequence p on p.seqrelid = $1::text::regclass`,
    [sequence],
  );
  return { column, next: row!.next };
}

/** Names of tables as SQL takes them. */
export function listTables(tables: readonly { readonly table: string }[], schema?: string): string {
  return tables.map(({ table }) => tableIn(schema, table)).join(", ");
}

/** A table of a schema as SQL takes it; of the search path without one. */
export function tableIn(schema: string | undefined, table: string): string {
  return schema === undefined ? quoteName(table) : `${quoteName(schema)}.${quoteName(table)}`;
}
