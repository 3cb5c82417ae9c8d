import { DRIFT_LIMIT, type ReconcileReport } from "@ipcascade/operations";
import { formatDuration } from "./summary_text.ts";

/** The report of `reconcile`, one line, and a warning where the counters were far off. */
export function renderReconcile(report: ReconcileReport): string {
  const { asns, rows, wrong, drift, drift_share: share, corrected, elapsed_ms: elapsedMs } = report;
  const counted = `${rows} addresses of ${asns} ASNs counted in ${formatDuration(elapsedMs)}`;
  if (wrong === 0) return `${counted}: every counter is right\n`;
  const percent = `${(share * 100).toFixed(1)} %`;
  const line = `${counted}: ${wrong} counters were wrong by ${drift} addresses (${percent})` +
    `${corrected ? ", now right" : ", left as they are"}\n`;
  if (!report.drifted) return line;
  return `${line}Warning: more than ${
    DRIFT_LIMIT * 100
  } %: somebody changed the tables besides ipcascade, or left out its triggers\n`;
}
