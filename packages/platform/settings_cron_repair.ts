import { CRON_FIELDS, type CronField, writeCronPoint } from "./settings_cron_fields.ts";
import { repairCronField } from "./settings_cron_field_repair.ts";
import { repairCalendar } from "./settings_cron_foreign.ts";

/** Words of other programs for lines. */
const WORDS: Readonly<Record<string, string>> = {
  HOURLY: "0 * * * *",
  DAILY: "0 0 * * *",
  MIDNIGHT: "0 0 * * *",
  WEEKLY: "0 0 * * SUN",
  MONTHLY: "0 0 1 * *",
  YEARLY: "0 0 1 1 *",
  ANNUALLY: "0 0 1 1 *",
};

/** A line in quotes; they are the first part, the line is the second. */
export const QUOTED: RegExp = /^(["'`])(.*)\1$/;

const WORDS_FOR_OFF = ["NO", "NONE", "NEVER", "FALSE", "DISABLE", "DISABLED", "-", "0"];

/** What can be taken as it is. */
export interface CronFitness {
  /** Tells whether a whole line can. */
  isLineFit(line: string): boolean;
  /** Tells whether one field can. */
  isFieldFit(part: string, field: CronField): boolean;
}

/**
 * The line that was probably meant by one that can't be taken; null when there is none, or none that means exactly
 * that.
 */
export function repairSchedule(text: string, fitness: CronFitness): string | null {
  const plain = text.trim().replace(QUOTED, "$2").trim().toUpperCase();
  if (WORDS_FOR_OFF.includes(plain) || plain === "OFF") return "off";
  const word = WORDS[plain.replace(/^@/, "")] ?? repairCalendar(plain) ?? repairInterval(plain);
  const candidates = word === null ? listFiveFields(plain.split(/\s+/)) : [word];
  // Schedulers that need a ? somewhere count Sunday as 1.
  const isQuartz = plain.includes("?");
  for (const candidate of candidates) {
    const repaired = repairFields(candidate.split(" "), { isQuartz, ...fitness });
    if (repaired !== null && fitness.isLineFit(repaired)) return repaired;
  }
  return null;
}

/** Says why there is no line for what was meant; null when that can't be told. */
export function explainLack(text: string): string | null {
  const plain = text.trim().toUpperCase();
  const parts = plain.split(/\s+/);
  if (parts[0] === "@REBOOT") return "there is no line for the start of the machine";
  if (parts.length > 5 && /^\*/.test(parts[0]!)) return "nothing starts more often than once a minute";
  if (parts.length >= 5 && parts.some((part) => /^L|\dW$|L$|#/.test(part))) {
    return "there is no line for L, W or #";
  }
  const interval = findUnevenInterval(plain);
  return interval === null ? null : `there is no line for exactly every ${interval}`;
}

const UNITS = ["minutes", "hours", "days", "months", "weekdays"];

function findUnevenInterval(text: string): string | null {
  const [, count, unit] = INTERVAL.exec(text) ?? [];
  if (count !== undefined) return `${count} ${unit === "M" ? "minutes" : "hours"}`;
  const parts = text.split(/\s+/);
  if (parts.length !== CRON_FIELDS.length) return null;
  for (const [i, field] of CRON_FIELDS.entries()) {
    const step = Number(/^(?:\*|\d+)\/(\d{1,4})$/.exec(parts[i]!)?.[1] ?? 0);
    // Within one hour of the day it would be something else again.
    if (i === 0 && parts[1] !== "*") continue;
    if (step > field.max) return `${step} ${UNITS[i]}`;
  }
  return null;
}

/** `@every 4h`, as some schedulers have it. */
const INTERVAL = /^@?EVERY (\d{1,4}) ?([MH])\w*$/;

function repairInterval(text: string): string | null {
  const [, count, unit] = INTERVAL.exec(text) ?? [];
  if (count === undefined) return null;
  return unit === "M" ? `*/${count} * * * *` : `0 */${count} * * *`;
}

/** The five fields in more of them: with seconds before, a year behind, or both. */
function listFiveFields(parts: readonly string[]): readonly string[] {
  const isSecond = /^\d{1,2}$/.test(parts[0] ?? "");
  const isAnyYear = /^[*?]$/.test(parts.at(-1) ?? "") && parts.includes("?");
  if (parts.length === 5) return [parts.join(" ")];
  if (parts.length === 7 && isSecond && isAnyYear) return [parts.slice(1, 6).join(" ")];
  if (parts.length !== 6) return [];
  return [
    ...(isSecond ? [parts.slice(1).join(" ")] : []),
    ...(isAnyYear ? [parts.slice(0, 5).join(" ")] : []),
  ];
}

interface FieldRepairOptions extends Pick<CronFitness, "isFieldFit"> {
  readonly isQuartz: boolean;
}

function repairFields(parts: readonly string[], options: FieldRepairOptions): string | null {
  const { isQuartz, isFieldFit } = options;
  const spread = spreadMinutes(parts);
  const repaired: string[] = [];
  for (const [i, field] of CRON_FIELDS.entries()) {
    const part = replaceHash(spread[i]!, field);
    const fit = isFieldFit(part, field) ? part : repairCronField(part, field, isQuartz);
    if (fit === null) return null;
    repaired.push(fit);
  }
  // With a day of the month, any weekday would be another line: either of the two is enough.
  if (repaired[2] === "*" && repaired[4] === WHOLE_WEEK) repaired[4] = "*";
  return repaired.join(" ");
}

const WHOLE_WEEK = "SUN-SAT";

/** `H` of Jenkins is a number that it picks itself: any one will do. */
function replaceHash(part: string, field: CronField): string {
  return part === "H" ? writeCronPoint(field.min, field) : part.replace(/^H\//, "*/");
}

/** Steps of whole hours: every 240 minutes is every 4 hours, as long as they fit into a day. */
function spreadMinutes(parts: readonly string[]): readonly string[] {
  const [minute = "", hour, ...rest] = parts;
  const [, start = "", step = ""] = /^(\*|\d{1,2})\/(\d{1,4})$/.exec(minute) ?? [];
  const hours = Number(step) / 60;
  if (hour !== "*" || hours < 1 || 24 % hours !== 0) return parts;
  return [start === "*" ? "0" : start, hours === 1 ? "*" : `*/${hours}`, ...rest];
}
