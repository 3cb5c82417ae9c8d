import type { MaxmindSource } from "@ipcascade/core";
import type { CliContext } from "../context.ts";

/** Says once that no MaxMind edition is installed, and what mends it. */
export function tellMissingEditions(maxmind: MaxmindSource, context: CliContext): void {
  if (maxmind.installed !== null) return;
  context.tell(
    "No MaxMind edition is installed: MaxMind is not asked, and there is no geography.\n" +
      "  To mend it: ipcascade editions update",
  );
}
