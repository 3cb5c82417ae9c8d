/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { dayOf, MS_PER_DAY } from "@ipcascade/core";
import type { CoverageListReport, JobListReport, TrendDay } from "@ipcascade/operations";
import { formatCount, formatPercent } from "@ipcascade/render";
import { Panel, Table } from "./panel.tsx";
import type { Reading } from "./reading.ts";
import { RunButton } from "./run_button.tsx";

/** How coverage went over the last days, from the daily snapshots. */
export function TrendPanel(
  { reading, jobs, mayRun }: {
    readonly reading: Reading<CoverageListReport>;
    readonly jobs: Reading<JobListReport>;
    readonly mayRun: boolean;
  },
) {
  return (
    <Panel
      id="trend"
      title="Coverage, last 30 days"
      span={hasTrend(reading) ? 4 : 3}
      reading={reading}
      show={(report) => (
        <>
          {report.trend.length === 0
            ? (
              <>
                <p>
                  No snapshot was taken in these days. The job snapshot-coverage takes one when it is run.
                </p>
                {mayRun && (
                  <RunButton
                    job="snapshot-coverage"
                    jobs={jobs}
                    id="trend-run"
                    words="Run snapshot-coverage"
                  />
                )}
              </>
            )
            : <Chart report={report} />}
          {report.left_out.map(({ day, message }) => <p key={day} class="away">{message}</p>)}
        </>
      )}
    />
  );
}

/** Whether there is anything to draw. */
export function hasTrend(reading: Reading<CoverageListReport>): boolean {
  return reading.isKnown && reading.value.trend.length > 0;
}

/** The drawing's size, and the room for its axes. */
const [WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [640, 236, 74, 14, 20, 32];

function Chart({ report }: { readonly report: CoverageListReport }) {
  const { trend, since, until } = report;
  const start = Date.parse(since);
  const days = Math.max(1, Math.round((Date.parse(until) - start) / MS_PER_DAY));
  const least = lowest(trend);
  const x = (day: string) => LEFT + ((Date.parse(day) - start) / MS_PER_DAY / days) * (WIDTH - LEFT - RIGHT);
  const y = (percent: number) => TOP + ((100 - percent) / (100 - least)) * (HEIGHT - TOP - BOTTOM);
  const line = (read: (day: TrendDay) => number | null) =>
    trend.flatMap((one) => {
      const percent = read(one);
      return percent === null ? [] : [[x(one.day), y(percent)] as const];
    });
  const ticks = Array.from({ length: 5 }, (_, index) => least + ((100 - least) * index) / 4);
  const dates = [0, 0.5, 1].map((part) => dayOf(start + Math.round(days * part) * MS_PER_DAY));
  return (
    <figure>
      <svg class="trend" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={describeTrend(trend)}>
        {ticks.map((tick) => (
          <g key={tick}>
            <line class="grid" x1={LEFT} x2={WIDTH - RIGHT} y1={y(tick)} y2={y(tick)} />
            <text x={LEFT - 6} y={y(tick) + 4} text-anchor="end">{tick} %</text>
          </g>
        ))}
        {dates.map((day, index) => (
          <text key={day} x={x(day)} y={HEIGHT - 8} text-anchor={["start", "middle", "end"][index]}>
            {day}
          </text>
        ))}
        <Line points={line((day) => day.geo_percent)} tone="geo" />
        <Line points={line((day) => day.asn_percent)} tone="asn" />
      </svg>
      <figcaption>
        <ul class="legend">
          <li>
            <svg viewBox="0 0 24 8" aria-hidden="true">
              <path class="asn" d="M0 4h24" />
            </svg>with ASN (solid)
          </li>
          <li>
            <svg viewBox="0 0 24 8" aria-hidden="true">
              <path class="geo" d="M0 4h24" />
            </svg>with country (dashed)
          </li>
        </ul>
      </figcaption>
      <details id="trend-days">
        <summary id="trend-days-summary">Day by day</summary>
        <Table id="days" caption="Coverage day by day" columns={COLUMNS} rows={trend.toReversed()} />
      </details>
    </figure>
  );
}

const COLUMNS = [
  { title: "Day", cell: (day: TrendDay) => <time datetime={day.day}>{day.day}</time> },
  { title: "Addresses", isNumber: true, cell: (day: TrendDay) => formatCount(day.addresses) },
  { title: "With ASN", isNumber: true, cell: (day: TrendDay) => formatPercent(day.asn_percent) },
  { title: "With country", isNumber: true, cell: (day: TrendDay) => formatPercent(day.geo_percent) },
  { title: "Scanners", isNumber: true, cell: (day: TrendDay) => formatCount(day.scanners) },
];

function Line(
  { points, tone }: { readonly points: readonly (readonly [x: number, y: number])[]; readonly tone: string },
) {
  const at = ([x, y]: readonly [number, number]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const last = points.at(-1);
  if (last === undefined) return null;
  return (
    <>
      <path class={tone} d={`M${points.map(at).join("L")}`} />
      <circle class={`end ${tone}`} cx={last[0].toFixed(1)} cy={last[1].toFixed(1)} r="4" />
    </>
  );
}

function describeTrend(trend: readonly TrendDay[]): string {
  const words = ({ day, asn_percent, geo_percent }: TrendDay) =>
    `on ${day} ${formatPercent(asn_percent)} with ASN and ${formatPercent(geo_percent)} with country`;
  const [first, last] = [trend[0]!, trend.at(-1)!];
  return first === last ? `Coverage: ${words(first)}` : `Coverage: ${words(first)}; ${words(last)}`;
}

/** The ten below the lowest share: a change of one percent is to be seen. */
function lowest(trend: readonly TrendDay[]): number {
  const shares = trend.flatMap((day) => [day.asn_percent, day.geo_percent]).filter((share) => share !== null);
  return Math.min(80, Math.floor(Math.max(0, Math.min(100, ...shares) - 1) / 20) * 20);
}
