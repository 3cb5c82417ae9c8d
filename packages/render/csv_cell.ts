/** A cell of CSV (RFC 4180), as it is: who reads it back gets what was written. Null and undefined are empty. */
export function writeCsvCell(cell: string | number | boolean | null | undefined): string {
  if (cell === null || cell === undefined) return "";
  const text = String(cell);
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
