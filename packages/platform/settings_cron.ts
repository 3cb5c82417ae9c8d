import { CRON_FIELDS, type CronField, greatestStep, readCronPoint } from "./settings_cron_fields.ts";
import { neverComes } from "./settings_cron_days.ts";
import { explainCrontab } from "./settings_cron_foreign.ts";
import { type CronFitness, explainLack, QUOTED, repairSchedule } from "./settings_cron_repair.ts";
import { accept, type Reading, refuse } from "./settings_reading.ts";

const EXAMPLE = "a cron line of five fields in UTC (such as 0 */4 * * * or 0 2 * * SUN), or off";

/**
 * Reads a cron line as it is written for `SCHEDULE_<JOB>`; `off` is null. What it takes means the same to `Deno.cron`,
 * to `cron_ticks.ts` and, but for weekday and day of the month together, to any cron. What it refuses comes with the
 * line that was probably meant.
 */
export function readSchedule(text: string): Reading<string | null> {
  if (text.toLowerCase() === "off") return accept(null);
  const line = text.trim().toUpperCase().split(/\s+/).join(" ");
  const problem = findLineProblem(line);
  if (problem === null) return accept(line);
  const parts = [EXAMPLE, findQuotes(line) ?? problem, findHint(text, problem)];
  return refuse(parts.filter((part) => part !== null).join("; "));
}

const NEVER = "this never comes, as none of its months has such a day";

/** Where the line in quotes can be taken, they are the fault. */
function findQuotes(line: string): string | null {
  const [, , bare] = QUOTED.exec(line) ?? [];
  if (bare === undefined) return null;
  return bare.trim() === "OFF" ? QUOTES : findLineProblem(bare.trim()) ?? QUOTES;
}

const QUOTES = "the quotes are no part of it";

function findHint(text: string, problem: string): string | null {
  const repaired = problem === NEVER ? "off" : repairSchedule(text, FITNESS);
  if (repaired !== null) return `did you mean ${repaired}?`;
  return explainCrontab(text, (line) => repairSchedule(line, FITNESS)) ?? explainLack(text);
}

const FITNESS: CronFitness = {
  isLineFit: (line) => findLineProblem(line) === null,
  isFieldFit: (part, field) => findFieldProblem(part, field) === null,
};

function findLineProblem(line: string): string | null {
  const parts = line.split(" ");
  if (parts.length !== CRON_FIELDS.length) return `this has ${countFields(parts.length)}`;
  for (const [i, field] of CRON_FIELDS.entries()) {
    const problem = findFieldProblem(parts[i]!, field);
    if (problem !== null) return problem;
  }
  // Deno.cron takes such a line and then ends the whole process.
  if (neverComes(parts)) return NEVER;
  return null;
}

function countFields(count: number): string {
  return count === 1 ? "1 field" : `${count} fields`;
}

function findFieldProblem(part: string, field: CronField): string | null {
  for (const item of part.split(",")) {
    const problem = findItemProblem(item, field);
    if (problem !== null) return problem;
  }
  return null;
}

function findItemProblem(item: string, field: CronField): string | null {
  const [range = "", step, ...rest] = item.split("/");
  if (rest.length > 0) return `the ${field.label} has two steps`;
  if (step !== undefined && !isStep(step, field)) {
    return `the step of the ${field.label} is 1 to ${greatestStep(field)}`;
  }
  return range === "*" ? null : findRangeProblem(range, field);
}

function findRangeProblem(range: string, field: CronField): string | null {
  const [first = "", last, ...more] = range.split("-");
  const from = readCronPoint(first, field);
  const to = last === undefined ? from : readCronPoint(last, field);
  if (more.length > 0 || from === null || to === null) {
    return `the ${field.label} is ${describeField(field)}`;
  }
  if (to < from) return `the ${field.label} ends before it starts`;
  // One day to Deno.cron, the whole week to croner.
  if (last !== undefined && to === from && !field.numbers) return `the ${field.label} ends where it starts`;
  return null;
}

function isStep(step: string, field: CronField): boolean {
  return /^\d{1,2}$/.test(step) && Number(step) >= 1 && Number(step) <= greatestStep(field);
}

function describeField(field: CronField): string {
  if (!field.numbers) {
    return `${field.names![0]} to ${
      field.names!.at(-1)
    } by name, numbers mean different days to different programs`;
  }
  return `* or ${field.min} to ${field.max}`;
}
