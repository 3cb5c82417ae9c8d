/** One of the five fields of a cron line. */
export interface CronField {
  /** What messages call it. */
  readonly label: string;
  /** The least number. */
  readonly min: number;
  /** The greatest number. */
  readonly max: number;
  /** Names in the place of numbers, first for `min`. */
  readonly names?: readonly string[];
  /** False where only names are understood. */
  readonly numbers: boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/** The fields in their order. Weekday numbers are refused: cron counts Sunday as 0, Deno.cron as 1. */
export const CRON_FIELDS: readonly CronField[] = [
  { label: "minute", min: 0, max: 59, numbers: true },
  { label: "hour", min: 0, max: 23, numbers: true },
  { label: "day of month", min: 1, max: 31, numbers: true },
  { label: "month", min: 1, max: 12, names: MONTHS, numbers: true },
  { label: "weekday", min: 0, max: 6, names: WEEKDAYS, numbers: false },
];

/** The greatest step that Deno.cron takes: 59 minutes, 23 hours, 30 days, 11 months, 6 weekdays. */
export function greatestStep(field: CronField): number {
  return field.max - field.min;
}

/** The number that a name or a number of a field stands for; null when it stands for none. */
export function readCronPoint(text: string, field: CronField): number | null {
  const name = field.names?.indexOf(text) ?? -1;
  if (name >= 0) return field.min + name;
  if (!field.numbers || !/^\d{1,2}$/.test(text)) return null;
  const number = Number(text);
  return number >= field.min && number <= field.max ? number : null;
}

/** Writes a number of a field so that every cron program reads the same. */
export function writeCronPoint(number: number, field: CronField): string {
  return field.names?.[number - field.min] ?? String(number);
}
