import { accept, type Reading, refuse } from "./settings_reading.ts";

interface CronField {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  /** Names in the place of numbers, first for `min`. */
  readonly names?: readonly string[];
  /** False where only names are understood. */
  readonly numbers: boolean;
}

const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

// Weekday numbers are refused: cron counts Sunday as 0, Deno.cron as 1, and either reads the other's line.
const FIELDS: readonly CronField[] = [
  { label: "minute", min: 0, max: 59, numbers: true },
  { label: "hour", min: 0, max: 23, numbers: true },
  { label: "day of month", min: 1, max: 31, numbers: true },
  { label: "month", min: 1, max: 12, names: MONTHS, numbers: true },
  { label: "weekday", min: 0, max: 6, names: WEEKDAYS, numbers: false },
];

const EXAMPLE = "a cron line of five fields in UTC (such as 0 */4 * * * or 0 2 * * SUN), or off";

/** Reads a cron line as it is written for `SCHEDULE_<JOB>`; `off` is null. */
export function readSchedule(text: string): Reading<string | null> {
  if (text.toLowerCase() === "off") return accept(null);
  const parts = text.toUpperCase().split(/\s+/);
  if (parts.length !== FIELDS.length) return refuse(`${EXAMPLE}; this has ${parts.length} fields`);
  for (const [i, field] of FIELDS.entries()) {
    const problem = findFieldProblem(parts[i]!, field);
    if (problem !== null) return refuse(`${EXAMPLE}; ${problem}`);
  }
  return accept(parts.join(" "));
}

function findFieldProblem(part: string, field: CronField): string | null {
  for (const item of part.split(",")) {
    const [range = "", step, ...rest] = item.split("/");
    if (rest.length > 0) return `the ${field.label} has two steps`;
    if (step !== undefined && !isStep(step, field)) {
      return `the step of the ${field.label} is 1 to ${field.max}`;
    }
    if (range === "*") continue;
    const [first, last, ...more] = range.split("-");
    const from = readPoint(first ?? "", field);
    const to = last === undefined ? from : readPoint(last, field);
    if (more.length > 0 || from === null || to === null) {
      return `the ${field.label} is ${describeField(field)}`;
    }
    if (to < from) return `the ${field.label} ends before it starts`;
  }
  return null;
}

function isStep(step: string, field: CronField): boolean {
  return /^\d{1,2}$/.test(step) && Number(step) >= 1 && Number(step) <= field.max;
}

function readPoint(text: string, field: CronField): number | null {
  const name = field.names?.indexOf(text) ?? -1;
  if (name >= 0) return field.min + name;
  if (!field.numbers || !/^\d{1,2}$/.test(text)) return null;
  const number = Number(text);
  return number >= field.min && number <= field.max ? number : null;
}

function describeField(field: CronField): string {
  if (!field.numbers) {
    return `${field.names![0]} to ${
      field.names!.at(-1)
    } by name, numbers mean different days to different programs`;
  }
  return `* or ${field.min} to ${field.max}`;
}
