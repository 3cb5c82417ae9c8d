import { cleanCell } from "./clean_cell.ts";

/** Lines of a page; outside text in them is made safe to show. */
export function joinLines(lines: readonly string[]): string {
  return lines.map((line) => `${cleanCell(line)}\n`).join("");
}
