import { type OpenBackups, openBackups } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";
import { VERSION } from "../version.ts";

/** Opens what works on backups, and says whom it waits for. */
export async function openBackupsFor(context: CliContext): Promise<OpenBackups> {
  return await openBackups(context.settings, context.log, {
    productVersion: VERSION,
    onWait: ({ message }) => context.tell(`Waiting: ${message}`),
  });
}
