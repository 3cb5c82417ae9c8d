import type { TrendDay } from "@ipcascade/operations";
import { drawChart } from "./svg_chart.ts";

const [WIDTH, HEIGHT] = [400, 220];

/** ASN and country coverage day by day; days without a snapshot have no point. */
export function drawTrend(trend: readonly TrendDay[], days: readonly string[]): string {
  const byDay = new Map(trend.map((one) => [one.day, one]));
  const line = (read: (day: TrendDay) => number | null, color: string, type: "solid" | "dashed") => ({
    type: "line",
    silent: true,
    connectNulls: true,
    symbol: type === "solid" ? "circle" : "rect",
    symbolSize: 6,
    lineStyle: { color: `var(${color})`, width: 2.5, type },
    itemStyle: { color: `var(${color})` },
    data: days.map((day) => {
      const found = byDay.get(day);
      return found === undefined ? null : read(found);
    }),
  });
  const min = lowest(trend);
  return drawChart({
    id: "trend",
    label: `Coverage by day: ${trend.map(describeDay).join("; ")}`,
    width: WIDTH,
    height: HEIGHT,
    option: {
      grid: { left: 52, right: 14, top: 12, bottom: 30 },
      xAxis: {
        type: "category",
        data: days.map((day) => String(Number(day.slice(8)))),
        axisLine: { lineStyle: { color: "var(--line)" } },
        axisTick: { show: false },
        axisLabel: { color: "var(--ink)", fontSize: 13 },
      },
      yAxis: {
        type: "value",
        min,
        max: 100,
        interval: (100 - min) / 5,
        axisLabel: { color: "var(--ink)", fontSize: 13, formatter: "{value} %" },
        splitLine: { lineStyle: { color: "var(--line)" } },
      },
      series: [
        line((day) => day.asn_percent, "--asn", "solid"),
        line((day) => day.geo_percent, "--geo", "dashed"),
      ],
    },
  });
}

function describeDay({ day, asn_percent, geo_percent }: TrendDay): string {
  return `${day} ASN ${asn_percent ?? "none"} %, country ${geo_percent ?? "none"} %`;
}

/** The ten below the lowest share: a change of one percent is to be seen. */
function lowest(trend: readonly TrendDay[]): number {
  const shares = trend.flatMap((day) => [day.asn_percent, day.geo_percent]).filter((share) => share !== null);
  return Math.min(90, Math.floor(Math.max(0, Math.min(100, ...shares) - 1) / 10) * 10);
}
