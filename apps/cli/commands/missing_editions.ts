import type { MaxmindSource } from "@ipcascade/core";
import type { WatchedMaxmind } from "@ipcascade/platform";
import type { CliContext } from "../context.ts";

/** Says once that no MaxMind edition is installed, and what mends it. */
export function tellMissingEditions(maxmind: MaxmindSource, context: CliContext): void {
  if (maxmind.installed !== null) return;
  context.tell(
    "No MaxMind edition is installed: MaxMind is not asked, and there is no geography.\n" +
      "  To mend it: ipcascade editions update",
  );
}

/** Says whose data the results are made of, where a licence asks for it. */
export function tellAttributions(
  { attributions }: Pick<WatchedMaxmind, "attributions">,
  context: CliContext,
): void {
  for (const line of attributions) context.tell(line);
}
