import type { Log } from "@ipcascade/core";
import type { SqlClient } from "@ipcascade/store";
import { openDatabase } from "./open_database.ts";
import type { Settings } from "./settings.ts";

/** A database that is opened when it is first needed; one that can't be opened fails whoever needs it. */
export interface LazyDatabase extends AsyncDisposable {
  get(): Promise<SqlClient>;
}

/** How long closing is waited for: a frozen server never answers. */
const CLOSE_MS = 2_000;

/** Prepares opening what `openDatabase` opens. */
export function createLazyDatabase(settings: Settings, log: Log): LazyDatabase {
  let opening: Promise<SqlClient> | null = null;
  return {
    get: () => opening ??= openDatabase(settings, log),
    [Symbol.asyncDispose]: async () => {
      if (opening === null) return;
      const closed = opening.then((database) => database.close()).catch(() => {});
      await waitAtMost(closed, CLOSE_MS);
    },
  };
}

async function waitAtMost(work: Promise<unknown>, ms: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
}
