import { dayOf, MS_PER_DAY, type ScannerClass } from "@ipcascade/core";
import type { CoverageReport, Share } from "@ipcascade/operations";
import {
  ASN_SOURCE_TITLES,
  CLASS_TITLES,
  type CoverageTable,
  formatCount,
  formatPercent,
  listAsnSources,
  nameCountry,
} from "../coverage_tables.ts";
import { type Bar, drawBars } from "./bar_chart.ts";
import { drawMap } from "./map_chart.ts";
import { listShades } from "./map_shades.ts";
import { drawTrend } from "./trend_chart.ts";
import { escapeHtml } from "./escape_html.ts";

const CLASS_COLORS: Readonly<Record<ScannerClass, string>> = {
  malicious: "--bad",
  suspicious: "--warn",
  benign: "--good",
  unknown: "--calm",
  riot: "--bar",
  quiet: "--bar",
  never_asked: "--calm",
};

/** The chart of a table, with its legend; null where it has none or there is nothing to draw. */
export function renderFigure(id: CoverageTable["id"], report: CoverageReport): string | null {
  switch (id) {
    case "sources":
      return figure(drawSources(report));
    case "classes":
      return figure(drawClasses(report));
    case "countries":
      return renderMap(report);
    case "asns":
      return report.top_asns.length === 0 ? null : figure(drawAsns(report));
    case "overview":
      return figure(drawTrend(report.trend, listDays(report)), [["--asn", "with ASN (solid)"], [
        "--geo",
        "with country (dashed)",
      ]]);
    default:
      return null;
  }
}

function figure(svg: string, legend: readonly (readonly [color: string, text: string])[] = []): string {
  const items = legend.map(([color, text]) =>
    `<li><i style="background:var(${color})"></i>${escapeHtml(text)}</li>`
  );
  const caption = items.length === 0 ? "" : `<figcaption><ul>${items.join("")}</ul></figcaption>`;
  return `<figure>${svg}${caption}</figure>`;
}

function describeShare({ addresses, percent }: Share): string {
  return `${formatCount(addresses)} (${formatPercent(percent)})`;
}

function barOf(name: string, share: Share, color?: string): Bar {
  return { name, value: share.addresses, text: describeShare(share), color };
}

function describeBars(title: string, bars: readonly Bar[]): string {
  return `${title}: ${bars.map(({ name, text }) => `${name} ${text}`).join("; ")}`;
}

function drawSources(report: CoverageReport): string {
  const bars = listAsnSources(report).map((one) => barOf(ASN_SOURCE_TITLES[one.source], one));
  return drawBars(bars, { id: "sources", label: describeBars("Who named the ASN", bars), nameWidth: 104 });
}

function drawClasses({ scanner_classes }: CoverageReport): string {
  const bars = scanner_classes.map((one) => barOf(CLASS_TITLES[one.class], one, CLASS_COLORS[one.class]));
  return drawBars(bars, { id: "classes", label: describeBars("GreyNoise's classes", bars), nameWidth: 168 });
}

function drawAsns({ top_asns }: CoverageReport): string {
  const bars = top_asns.map((one) => barOf(`AS${one.asn_number} ${one.asn_org ?? ""}`.trim(), one));
  return drawBars(bars, { id: "asns", label: describeBars("Top autonomous systems", bars), nameWidth: 168 });
}

function renderMap({ countries, top_countries }: CoverageReport): string | null {
  if (top_countries.length === 0) return null;
  const named = top_countries.map((one) => `${nameCountry(one.country)} ${describeShare(one)}`);
  const shades = listShades(Math.max(...Object.values(countries)));
  const legend = shades.map(({ color, from, to }) =>
    [color, `${formatCount(from)} to ${formatCount(to)} addresses`] as const
  );
  return figure(drawMap(countries, `World map of addresses by country: ${named.join("; ")}`), [
    ["--map0", "none"],
    ...legend,
  ]);
}

/** Every day of the month up to the one that is reported. */
function listDays({ period, basis }: CoverageReport): readonly string[] {
  const start = Date.parse(period.starts_at);
  const days = Math.round((Date.parse(basis.day) - start) / MS_PER_DAY) + 1;
  return Array.from({ length: days }, (_, index) => dayOf(start + index * MS_PER_DAY));
}
