import { JOB_NAMES, MS_PER_DAY, MS_PER_HOUR, MS_PER_MINUTE } from "@ipcascade/core";
import type { ComingTick, NextTicksReport } from "@ipcascade/operations";
import { renderTextTable } from "./text_table.ts";

/** The page of `jobs next`. */
export function renderNextTicks({ at, ticks, off }: NextTicksReport): string {
  const rows = ticks.map((tick) => [describeAt(tick), untilTick(tick, at), tick.job, tick.schedule]);
  const table = rows.length === 0 ? "" : renderTextTable(["AT (UTC)", "IN", "JOB", "SCHEDULE"], rows);
  return table + describeOff(off);
}

/** What a scheduler says at its start. */
export function renderTimetable({ at, ticks, off }: NextTicksReport): string {
  const rows = ticks.map((tick) => [tick.job, tick.schedule, describeAt(tick), untilTick(tick, at)]);
  const table = rows.length === 0 ? "" : renderTextTable(["JOB", "SCHEDULE (UTC)", "NEXT (UTC)", "IN"], rows);
  return table + describeOff(off);
}

function describeOff(off: readonly string[]): string {
  if (off.length === JOB_NAMES.length) return "Every job is off: SCHEDULE_… has their cron lines\n";
  return off.length === 0 ? "" : `Off: ${off.join(", ")}\n`;
}

/** With its weekday: what is weekly is known by it. */
function describeAt({ tick_at: at }: ComingTick): string {
  const weekday = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][new Date(at).getUTCDay()]!;
  return `${weekday} ${at.slice(0, 10)} ${at.slice(11, 16)}`;
}

/** How long until then, in two units at most: `3 d 4 h`, `5 h 12 min`, `7 min`. */
function untilTick({ tick_at: at }: ComingTick, now: string): string {
  const ms = Math.max(0, Date.parse(at) - Date.parse(now));
  const [days, hours, minutes] = [
    Math.floor(ms / MS_PER_DAY),
    Math.floor(ms % MS_PER_DAY / MS_PER_HOUR),
    Math.floor(ms % MS_PER_HOUR / MS_PER_MINUTE),
  ];
  if (days > 0) return hours === 0 ? `${days} d` : `${days} d ${hours} h`;
  if (hours > 0) return minutes === 0 ? `${hours} h` : `${hours} h ${minutes} min`;
  return minutes === 0 ? "less than 1 min" : `${minutes} min`;
}
