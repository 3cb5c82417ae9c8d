/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { QuotaReport } from "@ipcascade/operations";
import { formatCount } from "@ipcascade/render";
import { Ago, Mark, When } from "./marks.tsx";
import { Panel } from "./panel.tsx";
import type { Reading } from "./reading.ts";

/** GreyNoise's quota: what is left, until when, and whether it lasts. */
export function QuotaPanel(
  { reading, now }: { readonly reading: Reading<QuotaReport>; readonly now: number },
) {
  return (
    <Panel
      id="quota"
      title="GreyNoise quota"
      span={3}
      reading={reading}
      show={(report) => (
        report.limit === null
          ? (
            <p class="away">
              <Mark grade={report.grade} />{" "}
              Can't be shown: the ledger is in the database, which can't be used now
            </p>
          )
          : (
            <div class="quota">
              <Gauge report={report} />
              <div>
                <p>
                  <Mark grade={report.grade} /> {report.message}
                </p>
                <p>
                  {describeForecast(report)}
                  {report.empty_at !== null && <Ago at={report.empty_at} now={now} />}
                </p>
                <p class="soft">
                  {formatCount(report.used ?? 0)} used; the window ends <When at={report.resets_at} />
                </p>
                <p class="soft">
                  Refreshing may use {formatCount(report.refresh_limit ?? 0)}, of which{" "}
                  {formatCount(report.refresh_remaining ?? 0)} are left
                </p>
              </div>
            </div>
          )
      )}
    />
  );
}

function describeForecast({ forecast }: QuotaReport): string {
  switch (forecast) {
    case "empty":
      return "Nothing can be asked until the window ends";
    case "runs_out":
      return "At the present rate it is empty ";
    case "lasts":
      return "At the present rate it lasts";
    case "unknown":
      return "It has not been in use for long enough to foretell";
  }
}

/** Half a circle of this radius. */
const RADIUS = 50;
const ARC = Math.PI * RADIUS;

function Gauge({ report }: { readonly report: QuotaReport }) {
  const percent = report.remaining_percent ?? 0;
  const arc = `M10 60a${RADIUS} ${RADIUS} 0 0 1 ${2 * RADIUS} 0`;
  return (
    <svg
      class={`gauge ${report.grade}`}
      viewBox="0 0 120 70"
      role="img"
      aria-label={`${percent} % of the quota are left`}
    >
      <path class="rail" d={arc} />
      {percent > 0 && (
        <path
          class="value"
          d={arc}
          stroke-dasharray={`${((ARC * percent) / 100).toFixed(1)} ${ARC.toFixed(1)}`}
        />
      )}
      <text x="60" y="56" text-anchor="middle">{percent} %</text>
    </svg>
  );
}
