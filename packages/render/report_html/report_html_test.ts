import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { emptyReport, fullReport, hostileReport } from "../testing/coverage_reports.ts";
import { drawMap } from "./map_chart.ts";
import { listShades } from "./map_shades.ts";
import { renderReportHtml } from "./mod.ts";
import { readWorldPoints, readWorldShapes } from "./world_geometry.ts";

const MAX_BYTES = 1_000_000;

Deno.test("renderReportHtml() is one small file without scripts or anything from elsewhere", () => {
  for (const report of [fullReport(), emptyReport(), hostileReport()]) {
    const html = renderReportHtml(report);
    assert(new TextEncoder().encode(html).length < MAX_BYTES, `${html.length}`);
    const outside = html.replaceAll('xmlns="http://www.w3.org/2000/svg"', "");
    for (const trace of [/<script/i, /\bsrc=/i, /href=/i, /url\((?!#)/i, /@import/i, /https?:\/\/(?!x\b)/i]) {
      assert(!trace.test(outside), String(trace));
    }
    assert(!/<[^>]*\son\w+\s*=/i.test(html.replace(/="[^"]*"/g, "")), "no handler of events");
    assertStringIncludes(html, "default-src 'none'");
  }
});

Deno.test("renderReportHtml() of the same report is the same text, whatever was drawn before", () => {
  const first = renderReportHtml(fullReport());
  renderReportHtml(emptyReport());
  assertEquals(renderReportHtml(fullReport()) === first, true);
});

Deno.test("renderReportHtml() gives every chart a role, a description and a table", () => {
  const html = renderReportHtml(fullReport());
  const charts = html.match(/<svg [^>]*>/g)!;
  assertEquals(charts.length, 5);
  for (const chart of charts) assert(/role="img" aria-label="[^"]{20,}"/.test(chart), chart);
  assertEquals(html.match(/<table>/g)!.length, 9);
  assertEquals(new Set(html.match(/\bid="[^"]+"/g)).size, html.match(/\bid="[^"]+"/g)!.length);
});

Deno.test("drawMap() shades countries by order of magnitude, small ones as dots", () => {
  const map = drawMap({ US: 12_000, DE: 90, SG: 3, QQ: 7 }, "a map of the world");
  const count = (color: string) => map.split(`fill="var(${color})"`).length - 1;
  assertEquals([count("--map5") > 0, count("--map3") > 0, count("--map4")], [true, false, 0]);
  assertEquals(count("--map2") > 0, true);
  assertEquals(count("--map1"), 1);
  assertEquals(listShades(0).map(({ from, to }) => [from, to]), [[1, 9]]);
  assertEquals(listShades(1_000).at(-1), { color: "--map5", from: 1_000, to: 9_999 });
  assertEquals(listShades(99_999_999)[0], { color: "--map1", from: 1, to: 9_999 });
});

Deno.test("the map has every country of the world once, as a shape or a place", () => {
  const shapes = readWorldShapes().map(({ properties }) => properties.name);
  const names = [...shapes, ...readWorldPoints().keys()];
  assertEquals(new Set(names).size, names.length);
  assert(names.length > 230 && names.every((name) => /^[A-Z]{2}$/.test(name)), `${names.length}`);
  for (const name of ["US", "DE", "CN", "RU", "XK", "SG", "HK", "MT", "MC"]) {
    assert(names.includes(name), name);
  }
  for (const { properties, geometry } of readWorldShapes()) {
    for (const [east, north] of geometry.coordinates.flat(2)) {
      assert(
        east >= -180 && east <= 195 && north >= -60 && north <= 84,
        `${properties.name} ${east} ${north}`,
      );
    }
  }
});
