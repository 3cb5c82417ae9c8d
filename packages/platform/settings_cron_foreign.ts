/** Lines of `systemd.time`: days by name, any date or one of each month, a time of day on the minute. */
const CALENDAR = /^(?:([A-Z.,]+) )?(?:\*-\*-(\*|\d{1,2}) )?([01]?\d|2[0-3]):([0-5]\d)(?::00)?(?: UTC)?$/;

/** `*-*-* 01:00:00` and `02:30`, in capitals, as five fields; null when it is something else. */
export function repairCalendar(text: string): string | null {
  const [, weekdays = "*", day = "*", hour, minute] = CALENDAR.exec(text) ?? [];
  // Both at once mean either to cron, and both to systemd.
  if (hour === undefined || (weekdays !== "*" && day !== "*")) return null;
  const date = day === "*" ? day : String(Number(day));
  return `${Number(minute)} ${Number(hour)} ${date} * ${weekdays.replaceAll("..", "-")}`;
}

/** Says what of a line out of a crontab is no part of it: its time zone, its command; null when it has neither. */
export function explainCrontab(text: string, repair: (line: string) => string | null): string | null {
  const [, zone, rest = ""] = /^((?:CRON_)?TZ=\S*)\s+(.*)$/i.exec(text.trim()) ??
    [null, undefined, text.trim()];
  const parts = rest.split(/\s+/);
  const hasCommand = parts.length > 5 && /[a-z/]/i.test(parts[5]!);
  if (zone === undefined && !hasCommand) return null;
  const what = zone === undefined ? "a command is" : hasCommand ? "zone and command are" : "a time zone is";
  const fields = repair(parts.slice(0, 5).join(" "));
  const line = fields === null ? "only the five fields are" : `its five fields are ${fields}, in UTC`;
  return `${what} no part of the line: ${line}`;
}
