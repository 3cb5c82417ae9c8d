import type { CoverageReport } from "@ipcascade/operations";
import { cleanCell } from "./clean_cell.ts";
import { isTextColumn, listCoverageTables, listRemarks, titleOfReport } from "./coverage_tables.ts";

/** The report in Markdown, with tables as GitHub reads them. */
export function renderCoverageMarkdown(report: CoverageReport): string {
  const [basis, denominator, ...warnings] = listRemarks(report);
  const head = [
    `# ${titleOfReport(report)}`,
    `${basis}. ${denominator}.`,
    ...warnings.map((warning) => `${escape(warning)}.`),
  ].join("\n\n") + "\n";
  const tables = listCoverageTables(report).map(({ title, columns, rows, empty }) => {
    const body = rows.length === 0 ? `${empty}.\n` : [
      columns,
      columns.map((title, index) => index === 0 || isTextColumn(title) ? "---" : "---:"),
      ...rows.map((row) => row.map(escape)),
    ]
      .map((row) => `| ${row.join(" | ")} |\n`).join("");
    return `\n## ${title}\n\n${body}`;
  });
  return head + tables.join("");
}

/** Names of organisations come from outside: none of them is markup, a link or the end of a cell. */
function escape(text: string): string {
  return cleanCell(text)
    .replace(/[\\`*_{}[\]<>()#!|~@&]/g, (mark) => `\\${mark}`)
    .replace(/:(?=\/\/)|www\./gi, (text) => text[0] === ":" ? "\\:" : "www\\.");
}
