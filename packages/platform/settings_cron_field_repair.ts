import { type CronField, greatestStep, writeCronPoint } from "./settings_cron_fields.ts";

const LONG_NAMES: Readonly<Record<string, readonly string[]>> = {
  month: [
    ...["JANUARY", "FEBRUARY", "MARCH", "APRIL", "MAY", "JUNE"],
    ...["JULY", "AUGUST", "SEPTEMBER", "OCTOBER", "NOVEMBER", "DECEMBER"],
  ],
  weekday: ["SUNDAY", "MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY"],
};

/**
 * One field of a cron line, written so that it can be taken: days by name, ranges that go on past the end in two parts.
 * Null when what was meant can't be told. Where `isQuartz`, Sunday is 1; to cron it is 0, and 7 as well.
 */
export function repairCronField(part: string, field: CronField, isQuartz: boolean): string | null {
  const items = part.split(",").map((item) => repairItem(item, field, isQuartz));
  return items.includes(null) ? null : items.join(",");
}

function repairItem(item: string, field: CronField, isQuartz: boolean): string | null {
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0 || (step !== undefined && !/^\d{1,2}$/.test(step))) return null;
  const size = field.max - field.min + 1;
  const every = step === undefined ? null : Number(step);
  if (range === "*" || range === "?") {
    if (every === size) return writeCronPoint(field.min, field);
    return every === null || every === 1 ? "*" : withStep("*", every, field);
  }
  const [first = "", last, ...more] = range.split("-");
  const from = findPoint(first, field, isQuartz);
  const to = last === undefined ? from : findPoint(last, field, isQuartz);
  if (more.length > 0 || from === null || to === null) return null;
  if (last === undefined) {
    const point = writeCronPoint(wrap(from, field), field);
    return every === null || every === size ? point : withStep(point, every, field);
  }
  return repairRange({ from, to, every }, field);
}

interface CronRange {
  readonly from: number;
  /** May be one past the greatest number, as 7 is for weekdays and 24 for hours. */
  readonly to: number;
  readonly every: number | null;
}

function repairRange({ from, to, every }: CronRange, field: CronField): string | null {
  if (from <= field.max && to <= field.max && from <= to) {
    const range = writeRange(from, to, field);
    return every === null ? range : withStep(range, every, field);
  }
  // A step would have to be counted on over the end.
  if (every !== null) return null;
  const [start, end] = [wrap(from, field), wrap(to, field)];
  if (start === end) {
    return to > from ? writeRange(field.min, field.max, field) : writeCronPoint(start, field);
  }
  if (start === end + 1) return writeRange(field.min, field.max, field);
  if (start < end) return writeRange(start, end, field);
  return `${writeRange(start, field.max, field)},${writeRange(field.min, end, field)}`;
}

function writeRange(from: number, to: number, field: CronField): string {
  const first = writeCronPoint(from, field);
  return from === to ? first : `${first}-${writeCronPoint(to, field)}`;
}

function withStep(range: string, step: number, field: CronField): string | null {
  return step >= 1 && step <= greatestStep(field) ? `${range}/${step}` : null;
}

function wrap(number: number, field: CronField): number {
  return number > field.max ? number - (field.max - field.min + 1) : number;
}

/** Reads a name, short or long, or a number; one past the greatest stands for the first where counting starts at 0. */
function findPoint(text: string, field: CronField, isQuartz: boolean): number | null {
  if (/^\d{1,2}$/.test(text)) {
    const number = Number(text) - (isQuartz && !field.numbers ? 1 : 0);
    const max = field.min === 0 ? field.max + 1 : field.max;
    return number >= field.min && number <= max ? number : null;
  }
  const name = text.replace(/[.]$/, "");
  const found = (LONG_NAMES[field.label] ?? []).findIndex((long) =>
    name.length >= 3 && (long.startsWith(name) || `${long}S` === name)
  );
  return found < 0 ? null : field.min + found;
}
