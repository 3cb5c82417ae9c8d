import { cellWidth, cleanCell } from "../clean_cell.ts";
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

const WIDTH = 400;
const ROW = 30;
/** Room for the texts beside the bars. */
const TEXT_WIDTH = 128;
/** Pixels of a character at the size of names, about: the renderer can't know the reader's font. */
const LETTER = { large: 10, small: 8.2 } as const;

/** Lying bars, the first one above. */
export function drawBars(bars: readonly Bar[], { id, label, nameWidth }: BarOptions): string {
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
        data: bars.map(({ name }) => shorten(name, nameWidth)),
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

function shorten(name: string, pixels: number): string {
  const clean = cleanCell(name);
  if (pixelsOf(clean) <= pixels) return clean;
  const letters = Array.from(clean);
  while (letters.length > 0 && pixelsOf(`${letters.join("")}…`) > pixels) letters.pop();
  return `${letters.join("").trimEnd()}…`;
}

function pixelsOf(text: string): number {
  return Array.from(text).reduce(
    (sum, letter) => sum + cellWidth(letter) * (/[A-Z0-9mw@%]/.test(letter) ? LETTER.large : LETTER.small),
    0,
  );
}
