import {
  type Clock,
  LockHeldError,
  type LockHolder,
  type Random,
  type ReplaceOptions,
} from "@ipcascade/core";
import { listTables } from "./_backup_shapes.ts";
import { listHolders } from "./_backup_holders.ts";
import { BACKED_UP_TABLES } from "./backup_catalogue.ts";
import { type CopyTransaction, quoteName } from "./copy_rows.ts";
import type { SqlClient } from "./sql_client.ts";
import { SqlError } from "./sql_error.ts";

/** What getting the locks needs. */
export interface LockDeps {
  readonly sql: SqlClient;
  readonly clock: Clock;
  readonly random: Random;
}

/** A try is no longer than this. */
const MAX_TRY_MS = 500;
/** Between looking at who waits and the end of a try may pass so much more than the try itself. */
const SLACK_MS = 100;
/**
 * Who has a table while others are locked may be waiting for one of those, and would not let go however long the wait:
 * the next try begins with that table.
 */
const MAX_LATER_MS = 50;
/** Pauses let those who were kept waiting end what they do. */
const MIN_PAUSE_MS = 20;
const PAUSE_RANGE_MS = 100;
const TELL_EVERY_MS = 1_000;
/** The server may clean as many tables at once, and come back a minute later. */
const MAX_SENT_AWAY = 20;

const TIMED_OUT: readonly (string | null)[] = ["57014", "55P03"];

/** That a try was in vain, and its transaction is undone. */
class TryFailed extends Error {}

/**
 * Runs `work` in one transaction that has locked all tables that are backed up against everybody. The tries are short
 * and let everything go when they fail: docs/adr/0026-a-restore-takes-its-locks-in-short-tries.md. Throws
 * `LockHeldError` naming whoever holds them after `waitMs`, and whatever `work` throws.
 */
export async function withLocks<T>(
  deps: LockDeps,
  work: (tx: CopyTransaction) => Promise<T>,
  options: Omit<ReplaceOptions, "schemaVersion">,
): Promise<T> {
  const { sql, clock, random } = deps;
  const { waitMs, signal } = options;
  const begin = clock.elapsed();
  const watch = watchHolders(deps, options);
  let order = BACKED_UP_TABLES.map(({ table }) => table);
  while (true) {
    signal?.throwIfAborted();
    try {
      return await sql.copying(async (tx) => {
        await lockAll(tx, order);
        return await work(tx);
      }, { signal });
    } catch (error) {
      if (!(error instanceof TryFailed)) throw error;
    }
    // The server's own cleaning is nobody to wait for.
    if (await watch.look()) continue;
    // Whoever has it can go on and end while it is waited for, as nothing else is locked yet.
    const held = watch.latest()[0]?.table;
    if (held !== undefined) order = [held, ...order.filter((table) => table !== held)];
    const leftMs = begin + waitMs - clock.elapsed();
    if (leftMs <= 0) throw lockHeld(watch.latest(), clock.elapsed() - begin);
    await clock.sleep(Math.min(leftMs, MIN_PAUSE_MS + random() * PAUSE_RANGE_MS), signal);
  }
}

/**
 * Locks the tables one after the other, or throws `TryFailed`. One statement does all of it, so that a slow network does
 * not lengthen a try, nor what others wait for in it.
 */
async function lockAll(tx: CopyTransaction, order: readonly string[]): Promise<void> {
  const deadlockMs = await readDeadlockTimeout(tx);
  const tryMs = Math.max(1, Math.min(MAX_TRY_MS, Math.floor(deadlockMs / 2)));
  await setTimeLimit(tx, tryMs);
  try {
    await tx.query(lockText(order, { deadlockMs, tryMs }));
  } catch (error) {
    if (error instanceof SqlError && TIMED_OUT.includes(error.sqlState)) throw new TryFailed();
    throw error;
  }
  await tx.query("select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true)");
}

/**
 * The first table is waited for as long as a try lasts, the others only shortly. The try is put off while somebody who
 * waits already would look for deadlocks during it. The server does that once in each wait, after `deadlock_timeout`:
 * those who begin to wait during the try do it after the try's end. Before PostgreSQL 14 nobody knows when a wait began:
 * it was not before its statement.
 */
function lockText(
  [first, ...others]: readonly string[],
  { deadlockMs, tryMs }: { readonly deadlockMs: number; readonly tryMs: number },
): string {
  const lock = (table: string) => `lock table ${quoteName(table)} in access exclusive mode;`;
  return `do $$ begin
    if exists (select from pg_locks l left join pg_stat_activity a on a.pid = l.pid
      where not l.granted and l.pid <> pg_backend_pid()
        and date_part('epoch', clock_timestamp()
          - coalesce((to_jsonb(l) ->> 'waitstart')::timestamptz, a.query_start)) * 1000
          between ${deadlockMs - tryMs - SLACK_MS} and ${deadlockMs + SLACK_MS})
    then raise exception using errcode = 'lock_not_available'; end if;
    ${lock(first!)}
    perform set_config('lock_timeout', '${MAX_LATER_MS}', true);
    ${others.map(lock).join(" ")}
  end $$`;
}

async function readDeadlockTimeout(tx: Pick<SqlClient, "query">): Promise<number> {
  const [row] = await tx.query<{ ms: number }>(
    "select setting::int as ms from pg_settings where name = 'deadlock_timeout'",
  );
  return row?.ms ?? 1_000;
}

async function setTimeLimit(tx: CopyTransaction, ms: number): Promise<void> {
  await tx.query("select set_config('statement_timeout', $1::text, true)", [String(ms)]);
}

/** Finds out who is waited for, and tells it every second or so. */
function watchHolders({ sql, clock }: LockDeps, { onWait }: Pick<ReplaceOptions, "onWait">) {
  let latest: readonly LockHolder[] = [];
  let toldAt: number | null = null;
  let [sentAway, isStubborn] = [0, false];
  return {
    latest: () => latest,
    /** Gives true when all who were found were sent away. */
    look: async (): Promise<boolean> => {
      const found = await listHolders(sql);
      // Those who come and go may be away just now.
      if (found.length === 0) return false;
      latest = found.map(({ isVacuum: _, ...holder }) => holder);
      const vacuums = found.filter(({ isVacuum }) => isVacuum);
      if (!isStubborn && sentAway < MAX_SENT_AWAY) {
        sentAway += vacuums.length;
        for (const { table } of vacuums) if (!await sendVacuumAway(sql, table)) isStubborn = true;
        if (!isStubborn && vacuums.length === found.length) return true;
      }
      if (toldAt !== null && clock.elapsed() - toldAt < TELL_EVERY_MS) return false;
      toldAt = clock.elapsed();
      onWait?.(latest);
      return false;
    },
  };
}

/**
 * The server's own cleaning gives way when somebody has waited for `deadlock_timeout`, which no try does. This lock
 * keeps no reader and no writer waiting. False when it stays: it then guards against the wrap-around of transaction
 * numbers.
 */
async function sendVacuumAway(sql: SqlClient, table: string): Promise<boolean> {
  try {
    await sql.copying(async (tx) => {
      await setTimeLimit(tx, 2 * await readDeadlockTimeout(tx));
      await tx.query(`lock table ${listTables([{ table }])} in share update exclusive mode`);
    });
    return true;
  } catch (error) {
    if (error instanceof SqlError && TIMED_OUT.includes(error.sqlState)) return false;
    throw error;
  }
}

function lockHeld(holders: readonly LockHolder[], waitedMs: number): LockHeldError {
  const names = holders.map(({ who, pid, table, openMs }) =>
    `${who} (process ${pid}) uses ${table}, its transaction is open for ${seconds(openMs)}`
  );
  const state = names.length === 0 ? "others use them again and again" : names.join("; ");
  return new LockHeldError(`Cannot lock the tables within ${seconds(waitedMs)}: ${state}`);
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
