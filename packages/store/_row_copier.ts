import type { InventoryRow } from "@ipcascade/core";
import { COPIED_COLUMNS, writeRows } from "./_inventory_copy.ts";
import { RAISE_MEMORY } from "./_memory.ts";
import { arrayLiteral } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";
import { isLostServer, isTransient, SqlError } from "./sql_error.ts";

const NEW_ROWS = { table: "ip_inventory", columns: COPIED_COLUMNS } as const;

const UNIQUE_VIOLATION = "23505";

/** `invalid_binary_representation` and `protocol_violation`: a value was longer or shorter than its column's type. */
const MISTYPED: ReadonlySet<string> = new Set(["22P03", "08P01"]);

const COUNT_FITTING = `select count(*)::int as count
  from unnest($1::text::name[], $2::text::regtype[]) c(name, type)
  join pg_attribute a on a.attname = c.name and a.atttypid = c.type
  where a.attrelid = 'ip_inventory'::regclass and not a.attisdropped`;

/**
 * Stores rows that the inventory seems not to hold by COPY in its binary format. The server takes a value for what its
 * column's type says, so the types are compared before the first COPY: somebody may have changed one, and a merge casts.
 */
export class RowCopier {
  readonly #sql: SqlClient;
  #fitting: Promise<boolean> | null = null;

  constructor(sql: SqlClient) {
    this.#sql = sql;
  }

  /**
   * Stores the rows, which have to pass `canBeCopied`. False when it can't be done this way and nothing was stored:
   * another process was quicker with one of them, the server has to be waited for, or the columns have other types.
   */
  async copy(sorted: readonly InventoryRow[]): Promise<boolean> {
    if (!await this.#fits()) return false;
    try {
      await this.#sql.copying(async (tx) => {
        await tx.query(RAISE_MEMORY);
        await tx.copyIn(NEW_ROWS, writeRows(sorted), { isBinary: true });
      }, { isShort: true });
      return true;
    } catch (error) {
      if (isTransient(error) || isLostServer(error)) return false;
      if (!(error instanceof SqlError)) throw error;
      const state = error.sqlState ?? "";
      if (MISTYPED.has(state)) this.#fitting = Promise.resolve(false);
      else if (state !== UNIQUE_VIOLATION) throw error;
      return false;
    }
  }

  /** Asks once for all batches. */
  #fits(): Promise<boolean> {
    if (this.#fitting === null) {
      const fitting = this.#ask();
      // The next batch asks again.
      fitting.catch(() => this.#fitting = null);
      this.#fitting = fitting;
    }
    return this.#fitting;
  }

  async #ask(): Promise<boolean> {
    const names = arrayLiteral(COPIED_COLUMNS.map(({ name }) => name));
    const types = arrayLiteral(COPIED_COLUMNS.map(({ type }) => type));
    const [found] = await this.#sql.query<{ count: number }>(COUNT_FITTING, [names, types]);
    return found!.count === COPIED_COLUMNS.length;
  }
}
