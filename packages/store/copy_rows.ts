import type { TableRows } from "@ipcascade/core";
import type { SqlClient } from "./sql_client.ts";

/** What may be done in a transaction in which rows are streamed. */
export interface CopyTransaction extends Pick<SqlClient, "query"> {
  /**
   * Rows in the order of their key as COPY's text format writes them: whole rows in pieces of about 256 KiB. The
   * transaction can do nothing else until they are read, or given up.
   */
  copyOut(rows: TableRows): AsyncIterable<Uint8Array>;
  /**
   * Appends rows in COPY's text format, or its binary one; pieces may end anywhere. A piece is not looked at any more
   * once the next one is asked for, if it has 64 KiB or more. Throws what `chunks` throws, and `SqlError` when the table
   * refuses a row.
   */
  copyIn(
    rows: CopyTarget,
    chunks: AsyncIterable<Uint8Array>,
    options?: CopyInOptions,
  ): Promise<void>;
}

/** Where rows go: a table and those of its columns that they have. */
export interface CopyTarget {
  readonly table: string;
  readonly columns: readonly { readonly name: string }[];
}

/** How rows are taken. */
export interface CopyInOptions {
  /** True: they need no later work of the server's. The table has to be made or emptied in the same transaction. */
  readonly isFrozen?: boolean;
  /** True: they come in COPY's binary format. The embedded database then holds all of them at once. */
  readonly isBinary?: boolean;
}

/** How a transaction that streams is begun. */
export interface CopyOptions {
  /**
   * True: it sees everything as it was at its first statement, and writes nothing. Default false: each statement sees
   * what is committed by then.
   */
  readonly isSnapshot?: boolean;
  /**
   * Tables that nobody may empty or change the shape of meanwhile. They are locked before anything is seen: what is
   * emptied after a snapshot was taken looks empty in it, however old the snapshot is (PostgreSQL, "TRUNCATE").
   */
  readonly sharedTables?: readonly string[];
  /** True: a short one, begun without a word, in which the session's own limits hold. Default false. */
  readonly isShort?: boolean;
  /** Cuts the connection, and so undoes everything, until the commit is sent. The embedded database has none. */
  readonly signal?: AbortSignal;
}

/** Statements that begin such a transaction. */
export function listBeginStatements(
  { isSnapshot = false, sharedTables = [], isShort = false }: CopyOptions,
): readonly string[] {
  if (isShort) return [];
  const begin = isSnapshot ? "repeatable read, read only" : "read committed";
  const tables = sharedTables.map(quoteName).join(", ");
  return [
    `set transaction isolation level ${begin}`,
    ...sharedTables.length === 0
      ? []
      : ["set local lock_timeout = 0", `lock table ${tables} in access share mode`],
    PREPARE,
  ];
}

/**
 * How values are written must not depend on the session, rows that the role may not see must fail it instead of missing,
 * and nobody may end the transaction for its length; but when the client's machine is gone, the server must find out
 * within minutes, as nobody can use locked tables until then. Servers that don't know a setting are not told it.
 */
const PREPARE = `select set_config(s.name, v.value, true) from pg_settings s join (values
  ('DateStyle', 'ISO, MDY'), ('IntervalStyle', 'postgres'), ('TimeZone', 'UTC'), ('extra_float_digits', '1'),
  ('bytea_output', 'hex'), ('xmlbinary', 'base64'), ('statement_timeout', '0'), ('lock_timeout', '0'),
  ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('row_security', 'off'),
  ('array_nulls', 'on'), ('quote_all_identifiers', 'off'), ('tcp_keepalives_idle', '60'),
  ('tcp_keepalives_interval', '10'), ('tcp_keepalives_count', '6'), ('client_connection_check_interval', '10000')
) v (name, value) on v.name = s.name`;

/** Bytes of a piece of rows, or a little more. */
const PIECE_BYTES = 256 * 1024;

/** Joins pieces of whole rows to larger ones: servers send one row at a time. */
export async function* joinRows(rows: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const row of rows) {
    pieces.push(row);
    size += row.length;
    if (size < PIECE_BYTES) continue;
    yield concatenate(pieces, size);
    pieces = [];
    size = 0;
  }
  if (size > 0) yield concatenate(pieces, size);
}

/** Cuts pieces that end anywhere into pieces of whole rows, of about so many bytes, each with a buffer of its own. */
export async function* cutRows(
  chunks: AsyncIterable<Uint8Array>,
  bytes: number,
): AsyncIterable<Uint8Array<ArrayBuffer>> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    const end = size + chunk.length < bytes ? 0 : chunk.lastIndexOf(NEWLINE) + 1;
    if (end > 0) {
      pieces.push(chunk.subarray(0, end));
      yield concatenate(pieces, size + end);
      pieces = [];
      size = 0;
    }
    // A copy: who gave the piece may use its memory again.
    const rest = chunk.slice(end);
    pieces.push(rest);
    size += rest.length;
  }
  if (size > 0) yield concatenate(pieces, size);
}

const NEWLINE = 10;

function concatenate(pieces: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let start = 0;
  for (const piece of pieces) {
    whole.set(piece, start);
    start += piece.length;
  }
  return whole;
}

/** A name as SQL takes it. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Names of columns as SQL takes them. */
export function listNames(columns: readonly { readonly name: string }[]): string {
  return columns.map(({ name }) => quoteName(name)).join(", ");
}

/** The statement that takes rows. */
export function copyInText(
  { table, columns }: CopyTarget,
  { from, isFrozen = false, isBinary = false }: CopyInOptions & { readonly from: string },
): string {
  const options = [...isFrozen ? ["freeze"] : [], ...isBinary ? ["format binary"] : []];
  const text = `copy ${quoteName(table)} (${listNames(columns)}) from ${from}`;
  return options.length === 0 ? text : `${text} with (${options.join(", ")})`;
}

/** The query of rows in the order of their key, under a condition. */
export function selectRows(rows: TableRows, condition = "true"): string {
  const { table, columns } = rows;
  return `select ${listNames(columns)} from ${quoteName(table)} where ${condition} order by ${orderOf(rows)}`;
}

/** The order of rows by their key, the same in every database: whatever its language, texts go by code points. */
export function orderOf({ key, columns }: Pick<TableRows, "key" | "columns">): string {
  return key.map((name) => {
    const isText = columns.some((column) => column.name === name && column.type === "text");
    return `${quoteName(name)}${isText ? ' collate "C"' : ""}`;
  }).join(", ");
}
