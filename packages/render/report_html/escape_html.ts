import { cleanCell } from "../clean_cell.ts";

const MARKS: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Outside text for HTML, between tags and in quoted attributes. */
export function escapeHtml(text: string): string {
  return cleanCell(text).replace(/[&<>"']/g, (mark) => MARKS[mark]!);
}
