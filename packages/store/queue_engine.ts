import { cleanJson } from "./_parameters.ts";
import type { SqlClient, SqlParam } from "./sql_client.ts";

/** The database as pg-boss sees it. */
export interface QueueDatabase {
  /** Runs what pg-boss wrote: one statement, or several between `BEGIN` and `COMMIT`. */
  executeSql(text: string, values?: readonly unknown[]): Promise<{ rows: unknown[] }>;
}

/** The part of pg-boss that the queue uses. */
export interface QueueEngine {
  send(
    name: string,
    data: object,
    options: Readonly<Record<string, unknown>> & { readonly db?: QueueDatabase },
  ): Promise<string | null>;
  fetch(
    name: string,
    options: {
      readonly batchSize: number;
      readonly includeMetadata: true;
      readonly priority: boolean;
      readonly db: QueueDatabase;
    },
  ): Promise<readonly unknown[]>;
  complete(
    name: string,
    id: string,
    data: object | undefined,
    options: { readonly db: QueueDatabase },
  ): Promise<unknown>;
  fail(name: string, id: string, data: object, options: { readonly db: QueueDatabase }): Promise<unknown>;
  createQueue(name: string, options?: object): Promise<void>;
  maintain(): Promise<unknown>;
}

/** Lets pg-boss work on our connections, whichever driver they have. */
export function createQueueDatabase(sql: SqlClient): QueueDatabase {
  return {
    executeSql: async (text, values = []) => {
      const statements = splitStatements(text);
      if (statements.length > 1) {
        await runTogether(sql, statements);
        return { rows: [] };
      }
      const { text: statement, params } = bindValues(statements[0] ?? "", values);
      return { rows: await sql.query(statement, params) };
    },
  };
}

/** A pool can't take `BEGIN` from one caller and `COMMIT` from another, so that the transaction is one of ours. */
async function runTogether(sql: SqlClient, statements: readonly string[]): Promise<void> {
  const inner = statements.filter((statement) => !/^(begin|commit)$/i.test(statement));
  await sql.transaction(async (tx) => {
    for (const statement of inner) await tx.query(statement);
  });
}

/** Splits a text at its semicolons, except those inside of quotes and of `$$` bodies. */
export function splitStatements(text: string): string[] {
  const parts = text.match(/(?:\$\$[\s\S]*?\$\$|'(?:[^']|'')*'|--[^\n]*|[^;])+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/**
 * pg-boss hands lists and documents to its driver as they are; ours take them as text with a cast. `undefined` is
 * null, as in its own driver.
 */
export function bindValues(
  text: string,
  values: readonly unknown[],
): { readonly text: string; readonly params: SqlParam[] } {
  let bound = text;
  const params = values.map((value, index): SqlParam => {
    if (value === null || value === undefined) return null;
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
    const placeholder = new RegExp(`\\$${index + 1}(?!\\d)`, "g");
    if (Array.isArray(value)) {
      bound = bound.replace(placeholder, (name) => `${name}::text`);
      return formatArray(value);
    }
    bound = bound.replace(placeholder, (name) => `${name}::text::json`);
    return cleanJson(value);
  });
  return { text: bound, params };
}

function formatArray(values: readonly unknown[]): string {
  return `{${values.map((value) => JSON.stringify(String(value))).join(",")}}`;
}
