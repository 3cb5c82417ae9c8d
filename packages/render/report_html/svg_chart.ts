import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import { GeoComponent, GridComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { SVGRenderer } from "echarts/renderers";
import { escapeHtml } from "./escape_html.ts";

use([BarChart, LineChart, ScatterChart, GeoComponent, GridComponent, SVGRenderer]);

/** A drawing to be made. */
export interface ChartDrawing {
  /** Of letters; unique on its page. */
  readonly id: string;
  /** What it shows, for who can't see it. */
  readonly label: string;
  /** Pixels that texts are laid out for; the drawing scales to the room it gets. */
  readonly width: number;
  readonly height: number;
  readonly option: EChartsCoreOption;
}

/**
 * Draws a chart as SVG. Colours may be `var(--…)` of the page, so that one drawing serves light and dark. Nothing in it
 * depends on what was drawn before.
 */
export function drawChart({ id, label, width, height, option }: ChartDrawing): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width, height });
  try {
    chart.setOption({ animation: false, ...option });
    const drawn = chart.renderToSVGString();
    const root = `<svg role="img" aria-label="${escapeHtml(label)}" viewBox="0 0 ${width} ${height}">`;
    return root + clean(drawn.slice(drawn.indexOf(">") + 1), id);
  } finally {
    chart.dispose();
  }
}

/** Takes out what only a script in the page would use, and names that count the drawings of the process. */
function clean(svg: string, id: string): string {
  return svg
    .replace(/<style[^>]*>[\s\S]*?<\/style>/g, "")
    .replace(/ (?:ecmeta_\w+|class|xml:space|xmlns:xlink)="[^"]*"/g, "")
    .replace(/\bzr\d+-/g, `${id}-`)
    .replace(/font-family:[^;"]*;?/g, "")
    .replace(/\n+/g, "\n");
}
