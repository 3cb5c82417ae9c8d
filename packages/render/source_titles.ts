import type { SourceName } from "@ipcascade/core";

/** The sources as people call them. */
export const SOURCE_TITLES: Readonly<Record<SourceName, string>> = {
  maxmind: "MaxMind",
  cymru: "Team Cymru",
  greynoise: "GreyNoise",
};
