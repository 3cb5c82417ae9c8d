import { type CoverageTable, isTextColumn } from "../coverage_tables.ts";
import { escapeHtml } from "./escape_html.ts";

/** A table as HTML that scrolls by itself where it is too wide. */
export function renderHtmlTable({ title, columns, rows, empty }: CoverageTable): string {
  if (rows.length === 0) return `<p>${escapeHtml(empty)}</p>`;
  const classOf = (index: number) => isTextColumn(columns[index]!) ? ' class="text"' : "";
  const head = columns.map((text, index) => `<th scope="col"${classOf(index)}>${escapeHtml(text)}</th>`).join(
    "",
  );
  const body = rows.map((row) =>
    `<tr>${
      row.map((cell, index) =>
        index === 0
          ? `<th scope="row">${escapeHtml(cell)}</th>`
          : `<td${classOf(index)}>${escapeHtml(cell)}</td>`
      ).join("")
    }</tr>`
  ).join("\n");
  // Who has no pointer scrolls it with the keys, once it is focused.
  return `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(title)}"><table>
<thead><tr>${head}</tr></thead>
<tbody>
${body}
</tbody></table></div>`;
}
