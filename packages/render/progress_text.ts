import { fitCell } from "./clean_cell.ts";
import { formatDuration, formatNumber } from "./summary_text.ts";

/** Where a long work stands. */
export interface Progress {
  readonly label: string;
  readonly done: number;
  /** Null when nobody knows how much there is. */
  readonly total: number | null;
  readonly elapsedMs: number;
}

const BAR_WIDTH = 24;

/** One line of progress: bar and time left where the total is known, count and rate otherwise. */
export function renderProgress(progress: Progress, width = 80): string {
  const { label, done, total, elapsedMs } = progress;
  const perSecond = elapsedMs > 0 ? done / (elapsedMs / 1000) : 0;
  const rate = `${formatNumber(perSecond)}/s`;
  if (total === null || total <= 0) return fitCell(`${label} ${done} ${rate}`, width).trimEnd();
  const share = Math.min(1, done / total);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
  const left = perSecond > 0
    ? `, ${formatDuration(((total - Math.min(done, total)) / perSecond) * 1000)} left`
    : "";
  return fitCell(`${label} ${bar} ${Math.floor(share * 100)} % ${done}/${total} ${rate}${left}`, width)
    .trimEnd();
}
