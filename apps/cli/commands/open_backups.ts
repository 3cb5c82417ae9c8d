import { VERSION } from "@ipcascade/core";
import { type OpenBackups, openBackups } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";

/** How a command opens what works on backups. */
export interface OpenBackupsFor {
  /** How long an embedded database that another process has open is waited for, in milliseconds; default 30 s. */
  readonly waitMs?: number;
  /** Ends that waiting. */
  readonly signal: AbortSignal;
}

/** Opens what works on backups, and says whom it waits for. */
export async function openBackupsFor(context: CliContext, options: OpenBackupsFor): Promise<OpenBackups> {
  return await openBackups(context.settings, context.log, {
    ...options,
    productVersion: VERSION,
    onWait: ({ message }) => context.tell(`Waiting: ${message}`),
  });
}
