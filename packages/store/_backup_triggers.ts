import { quoteName } from "./copy_rows.ts";
import { tableIn } from "./_backup_shapes.ts";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import type { SqlClient } from "./sql_client.ts";

/** A trigger that was put to rest, with how it fired: `O`, `R` or `A`, as `pg_trigger` says it. */
interface RestingTrigger {
  readonly table: string;
  readonly name: string;
  readonly mode: string;
}

/**
 * Puts the triggers of all tables to rest: rows that come back bring along what triggers did when they were written.
 * Gives what wakes exactly those up.
 */
export async function restTriggers(tx: Pick<SqlClient, "query">): Promise<() => Promise<void>> {
  const names = BACKED_UP_TABLES.map(({ table }) => table).join(",");
  const triggers = await tx.query<RestingTrigger>(
    `select u.name as "table", t.tgname::text as name, t.tgenabled::text as mode
    from unnest(string_to_array($1::text, ',')) as u (name)
    join pg_trigger t on t.tgrelid = to_regclass(quote_ident(u.name))
    where not t.tgisinternal and t.tgenabled <> 'D' order by 1, 2`,
    [names],
  );
  const alter = async ({ table, name }: RestingTrigger, action: string) => {
    await tx.query(`alter table ${tableIn(undefined, table)} ${action} trigger ${quoteName(name)}`);
  };
  for (const trigger of triggers) await alter(trigger, "disable");
  return async () => {
    for (const trigger of triggers) await alter(trigger, WAKE[trigger.mode] ?? "enable");
  };
}

const WAKE: Readonly<Record<string, string>> = { O: "enable", R: "enable replica", A: "enable always" };
