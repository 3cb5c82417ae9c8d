import { formatInstant } from "@ipcascade/core";

/** Names a set by its time: `20261125-041500-1a2b3c4d`. */
export function createSetId(now: number, random: () => number): string {
  const stamp = formatInstant(now).replace(/[-:]/g, "").replace("T", "-").slice(0, 15);
  const suffix = Math.floor(random() * 0x1_0000_0000).toString(16).padStart(8, "0");
  return `${stamp}-${suffix}`;
}
