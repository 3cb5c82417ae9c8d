import { cleanCell } from "./clean_cell.ts";

/** A cell of CSV (RFC 4180), as it is: who reads it back gets what was written. Null and undefined are empty. */
export function writeCsvCell(cell: string | number | boolean | null | undefined): string {
  if (cell === null || cell === undefined) return "";
  const text = String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * A cell of outside text for a spreadsheet. What steers a terminal or is not there to be seen becomes `·`, and a text
 * that would be taken for a formula gets an apostrophe before it, as OWASP's page on CSV injection has it.
 */
export function writeGuardedCsvCell(text: string): string {
  const clean = cleanCell(text);
  return writeCsvCell(/^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]/.test(clean) ? `'${clean}` : clean);
}
