import { cellWidth, cleanCell, fitCell } from "../clean_cell.ts";
import { drawChart } from "./svg_chart.ts";

/** One bar. */
export interface Bar {
  readonly name: string;
  readonly value: number;
  /** Written beside it. */
  readonly text: string;
  /** A variable of the page's style. */
  readonly color?: string;
}

/** How bars are drawn. */
export interface BarOptions {
  readonly id: string;
  readonly label: string;
  /** Pixels for the names. */
  readonly nameWidth: number;
}

const WIDTH = 440;
const ROW = 30;
/** Room for the texts beside the bars. */
const TEXT_WIDTH = 128;
/** Pixels of a letter, about. */
const LETTER = 7.2;

/** Lying bars, the first one above. */
export function drawBars(bars: readonly Bar[], { id, label, nameWidth }: BarOptions): string {
  const letters = Math.floor(nameWidth / LETTER);
  return drawChart({
    id,
    label,
    width: WIDTH,
    height: bars.length * ROW + 8,
    option: {
      grid: { left: nameWidth + 8, right: TEXT_WIDTH, top: 4, bottom: 4 },
      xAxis: { type: "value", show: false, min: 0, max: Math.max(1, ...bars.map(({ value }) => value)) },
      yAxis: {
        type: "category",
        inverse: true,
        data: bars.map(({ name }) => shorten(name, letters)),
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: { color: "var(--ink)", fontSize: 14, interval: 0 },
      },
      series: [{
        type: "bar",
        silent: true,
        barWidth: 18,
        barMinHeight: 1,
        data: bars.map(({ value, color }) => ({ value, itemStyle: { color: `var(${color ?? "--bar"})` } })),
        label: {
          show: true,
          position: "right",
          color: "var(--ink)",
          fontSize: 13,
          formatter: ({ dataIndex }: { readonly dataIndex: number }) => bars[dataIndex]!.text,
        },
      }],
    },
  });
}

function shorten(name: string, letters: number): string {
  const clean = cleanCell(name);
  return cellWidth(clean) <= letters ? clean : fitCell(clean, letters).trimEnd();
}
