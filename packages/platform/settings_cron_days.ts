import { CRON_FIELDS, type CronField, readCronPoint } from "./settings_cron_fields.ts";

/** The most days that each month can have, January first. */
const DAYS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** Tells whether none of the months of a line of five valid fields ever has one of its days, as 31 February. */
export function neverComes([, , days = "", months = "", weekdays = ""]: readonly string[]): boolean {
  // With a weekday, either of the two is enough.
  if (weekdays !== "*") return false;
  const [, , dayField, monthField] = CRON_FIELDS;
  const first = Math.min(...listNumbers(days, dayField!));
  return listNumbers(months, monthField!).every((month) => first > DAYS[month - 1]!);
}

function listNumbers(part: string, field: CronField): readonly number[] {
  return part.split(",").flatMap((item) => {
    const [range = "", step] = item.split("/");
    const [first = "", last] = range.split("-");
    const from = range === "*" ? field.min : readCronPoint(first, field)!;
    // A step makes one number the start of a range to the end.
    const end = step === undefined && range !== "*" ? from : field.max;
    const to = last === undefined ? end : readCronPoint(last, field)!;
    const every = Number(step ?? 1);
    return Array.from({ length: Math.floor((to - from) / every) + 1 }, (_, i) => from + i * every);
  });
}
