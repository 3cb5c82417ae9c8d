import { hostname, userInfo } from "node:os";
import process from "node:process";
import { type AlertStates, formatActor, type Log } from "@ipcascade/core";
import type { QuotaDeps } from "@ipcascade/operations";
import { createSqlAlertStates, createSqlQuotaControl, createSqlQuotaLedger } from "@ipcascade/store";
import { createNodeClock } from "./node_clock.ts";
import { type BorrowOptions, borrowOrOpen } from "./open_database.ts";
import type { Settings } from "./settings.ts";

/** The ledger for an operator; dispose it to give the database back. */
export interface OpenQuota extends AsyncDisposable {
  readonly deps: QuotaDeps;
  /** What was told of it. */
  readonly alertStates: AlertStates;
}

/** Opens the ledger. No provider is asked. Throws what `openDatabase` throws. */
export async function openQuota(
  settings: Settings,
  log: Log,
  { database: borrowed, clock = createNodeClock() }: BorrowOptions = {},
): Promise<OpenQuota> {
  const database = await borrowOrOpen(borrowed, settings, log);
  const options = { sql: database, policies: { greynoise: settings.greynoiseQuota } };
  return {
    deps: {
      ledger: createSqlQuotaLedger(options),
      control: createSqlQuotaControl(options),
      clock,
    },
    alertStates: createSqlAlertStates(database),
    [Symbol.asyncDispose]: () => database.close(),
  };
}

/** Who runs this process and where, for records: `alice@honeypot-1`. */
export function describeOperator(): string {
  return formatActor({ user: readUserName(), host: hostname() });
}

/** A container's user may have a number only. */
function readUserName(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
