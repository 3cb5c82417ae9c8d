import process from "node:process";
import type { Log } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";
import { type BorrowOptions, borrowOrOpen } from "./open_database.ts";
import type { Settings } from "./settings.ts";

/** A database that is opened when it is first needed; one that can't be opened fails whoever needs it. */
export interface LazyDatabase extends AsyncDisposable {
  get(): Promise<SqlClient>;
  /** Bytes that the process grew by while it was opened; 0 before that. */
  readonly grownBytes: number;
}

/** How long closing is waited for: a frozen server never answers. */
const CLOSE_MS = 2_000;

/** Prepares opening what `openDatabase` opens. */
export function createLazyDatabase(
  settings: Settings,
  log: Log,
  { database: borrowed }: BorrowOptions = {},
): LazyDatabase {
  let opening: Promise<SqlClient> | null = null;
  let grownBytes = 0;
  const open = async () => {
    const before = process.memoryUsage().rss;
    const database = await borrowOrOpen(borrowed, settings, log);
    grownBytes = Math.max(0, process.memoryUsage().rss - before);
    return database;
  };
  return {
    get: () => opening ??= open(),
    get grownBytes() {
      return grownBytes;
    },
    [Symbol.asyncDispose]: async () => {
      if (opening === null) return;
      const closed = opening.then((database) => database.close()).catch(() => {});
      await waitAtMost(closed, CLOSE_MS);
    },
  };
}

/** A client of a database that is opened with the first statement. Closing it leaves the database open. */
export function deferDatabase({ get }: Pick<LazyDatabase, "get">): SqlClient {
  return {
    query: async (...order) => await (await get()).query(...order),
    transaction: async (work) => await (await get()).transaction(work),
    copying: async (...order) => await (await get()).copying(...order),
    close: () => Promise.resolve(),
  };
}

/** Waits for work that can't be told to stop; it goes on when nobody waits for it any more. */
export async function waitAtMost(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
