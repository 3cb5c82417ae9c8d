/**
 * The coverage report as a page of HTML with charts. An entry of its own, for the charts' library takes a while to load.
 *
 * @module
 */
import type { CoverageReport } from "@ipcascade/operations";
import {
  countOf,
  type CoverageTable,
  formatCount,
  formatPercent,
  listCoverageTables,
  listRemarks,
  titleOfReport,
} from "../coverage_tables.ts";
import { escapeHtml } from "./escape_html.ts";
import { renderFigure } from "./figures_html.ts";
import { STYLE } from "./style.ts";
import { renderHtmlTable } from "./table_html.ts";

/** Sections that need the whole width. */
const WIDE: ReadonlySet<CoverageTable["id"]> = new Set(["countries", "jobs", "trend"]);

/**
 * The report as one file of HTML: without scripts, without anything from elsewhere, in the reader's light or dark, to
 * be printed as well. Every chart has its figures in a table below it, for mail programs that show no drawings.
 */
export function renderReportHtml(report: CoverageReport): string {
  const title = escapeHtml(titleOfReport(report));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
${STYLE}
</style>
</head>
<body>
<main>
<h1>${title}</h1>
${listRemarks(report).map((remark) => `<p>${escapeHtml(remark)}.</p>`).join("\n")}
${renderTiles(report)}
<div class="grid">
${listCoverageTables(report).map((table) => renderSection(table, report)).join("\n")}
</div>
<footer><p>World map: Natural Earth, public domain. Days and times are UTC.</p></footer>
</main>
</body>
</html>
`;
}

function renderTiles({ denominator, asn, geo, scanners, riot }: CoverageReport): string {
  const tiles = [
    ["Global addresses", formatCount(denominator.addresses), countOf(denominator.excluded, "other")],
    ["ASN coverage", formatPercent(asn.percent), countOf(asn.addresses, "address")],
    ["Country coverage", formatPercent(geo.percent), countOf(geo.addresses, "address")],
    ["Scanners", formatCount(scanners.addresses), formatPercent(scanners.percent)],
    ["RIOT services", formatCount(riot.addresses), formatPercent(riot.percent)],
  ] as const;
  const items = tiles.map(([name, figure, note]) =>
    `<div><dt>${escapeHtml(name)}</dt><dd><b>${escapeHtml(figure)}</b>${escapeHtml(note)}</dd></div>`
  );
  return `<dl class="tiles">${items.join("")}</dl>`;
}

function renderSection(table: CoverageTable, report: CoverageReport): string {
  const figure = renderFigure(table.id, report);
  return `<section${WIDE.has(table.id) ? ' class="wide"' : ""} id="${table.id}-section">
<h2>${escapeHtml(table.title)}</h2>
${figure ?? ""}
${renderHtmlTable(table)}
</section>`;
}
