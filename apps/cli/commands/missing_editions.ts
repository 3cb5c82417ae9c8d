import type { MaxmindSource } from "@ipcascade/core";
import type { CliContext } from "../context.ts";

/** Says once that no MaxMind edition is installed, and what mends it. */
export function tellMissingEditions(maxmind: MaxmindSource, context: CliContext): void {
  if (maxmind.installed !== null) return;
  const { editionDir } = context.settings;
  context.tell(
    `No MaxMind edition is installed in ${editionDir}: MaxMind is not asked, and there is no geography.\n` +
      `  To mend it: geoipupdate -d ${quoteForShell(editionDir)} (or put GeoLite2-City.mmdb and ` +
      "GeoLite2-ASN.mmdb there)",
  );
}

function quoteForShell(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
