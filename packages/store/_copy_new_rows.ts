import type { InventoryRow } from "@ipcascade/core";
import { COPIED_COLUMNS, writeRows } from "./_inventory_copy.ts";
import { RAISED_MEMORY } from "./_memory.ts";
import { arrayLiteral } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";
import { isLostServer, isTransient, SqlError } from "./sql_error.ts";

const NEW_ROWS = { table: "ip_inventory", columns: COPIED_COLUMNS } as const;

const NAMES = arrayLiteral(COPIED_COLUMNS.map(({ name }) => name));
const TYPES = arrayLiteral(COPIED_COLUMNS.map(({ type }) => type));

/**
 * Gives the transaction room, and tells whether its COPY may be: every column has the type that is written, and no
 * policy for rows is in force, with which there is no COPY. That `ip_inventory` is named keeps it from being altered
 * until the transaction ends. One statement, for each answer waits until the program has time.
 */
const PREPARE = `select ${RAISED_MEMORY} as memory,
    count(*) = cardinality($1::text::name[]) and not row_security_active('ip_inventory') as can_copy
  from unnest($1::text::name[], $2::text::regtype[]) c(name, type)
  join pg_attribute a on a.attname = c.name and a.atttypid = c.type
  where a.attrelid = 'ip_inventory'::regclass and not a.attisdropped
    and not exists (select from ip_inventory where false)`;

const UNIQUE_VIOLATION = "23505";

/**
 * Stores rows that the inventory seems not to hold, and that pass `canBeCopied`, by COPY in its binary format. The server
 * takes a value for what its column's type says, so the types are compared first: somebody may have changed one, and a
 * merge casts. False when it can't be done this way and nothing was stored: another process was quicker with one of the
 * rows, the server has to be waited for, or the table is not as it was made.
 */
export async function copyNewRows(sql: SqlClient, sorted: readonly InventoryRow[]): Promise<boolean> {
  try {
    return await sql.copying(async (tx) => {
      const [prepared] = await tx.query<{ can_copy: boolean }>(PREPARE, [NAMES, TYPES]);
      if (!prepared!.can_copy) return false;
      await tx.copyIn(NEW_ROWS, writeRows(sorted), { isBinary: true });
      return true;
    }, { isShort: true });
  } catch (error) {
    const isTaken = error instanceof SqlError && error.sqlState === UNIQUE_VIOLATION;
    if (isTaken || isTransient(error) || isLostServer(error)) return false;
    throw error;
  }
}
