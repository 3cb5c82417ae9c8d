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
/** Room for the texts beside the bars, at least, and pixels of a figure in them. */
const TEXT_WIDTH = 128;
const FIGURE = 8;
/**
 * Pixels of a character at the size of names, as in wide typefaces: the renderer can't know the reader's. `widest` is
 * also for each column that a letter of another alphabet takes on a terminal.
 */
const LETTER = { widest: 14.5, large: 11.8, capital: 9.8, small: 9, narrow: 6 } as const;

/** Lying bars, the first one above. */
export function drawBars(bars: readonly Bar[], { id, label, nameWidth }: BarOptions): string {
  const textWidth = Math.max(TEXT_WIDTH, ...bars.map(({ text }) => text.length * FIGURE + 8));
  return drawChart({
    id,
    label,
    width: WIDTH,
    height: bars.length * ROW + 8,
    option: {
      grid: { left: nameWidth + 8, right: textWidth, top: 4, bottom: 4 },
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
  return Array.from(text).reduce((sum, letter) => sum + cellWidth(letter) * pixelsOfLetter(letter), 0);
}

function pixelsOfLetter(letter: string): number {
  if (/[WMm@%]|[^\x20-\x7E]/.test(letter)) return LETTER.widest;
  if (/[DGHNOQUw&+=<>~^#]/.test(letter)) return LETTER.large;
  if (/[ijlfrtI .,:;!|'()-]/.test(letter)) return LETTER.narrow;
  return /[A-Z]/.test(letter) ? LETTER.capital : LETTER.small;
}
