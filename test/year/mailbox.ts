import { MS_PER_DAY, MS_PER_HOUR } from "@ipcascade/core";
import type { LabMail } from "@ipcascade/testkit/lab";
import { isIn, type Plan, type Stretch } from "./plan.ts";

/** A letter about something that is wrong, or well again. */
export interface Told {
  readonly at: number;
  readonly grade: string;
  readonly key: string;
  readonly isReminder: boolean;
  readonly subject: string;
}

/** What the mailbox of whoever gets alerts holds. Reports are no alerts. */
export function readMailbox(mails: readonly LabMail[]): readonly Told[] {
  return mails.map(({ headers, subject }) => {
    const read = /^\[ipcascade\] (OK|WARNING|CRITICAL|UNKNOWN) ([^:]+):/.exec(subject);
    const at = Date.parse(headers.get("date") ?? "");
    if (read === null) return null;
    return { at, grade: read[1]!, key: read[2]!, isReminder: subject.endsWith("(still)"), subject };
  }).filter((told) => told !== null);
}

/** Something that is wrong from when it was told first until it was told to be well; null when it was not. */
export interface Incident {
  readonly key: string;
  readonly told: readonly Told[];
  readonly from: number;
  readonly until: number | null;
}

/** Sorts what was told by incidents. */
export function listIncidents(told: readonly Told[]): readonly Incident[] {
  const incidents: { key: string; told: Told[]; from: number; until: number | null }[] = [];
  for (const one of told) {
    let incident = incidents.find(({ key, until }) => key === one.key && until === null);
    if (incident === undefined) {
      incident = { key: one.key, told: [], from: one.at, until: null };
      incidents.push(incident);
    }
    incident.told.push(one);
    if (one.grade === "OK") incident.until = one.at;
  }
  return incidents;
}

/** Why something may be told, and of what. */
interface Cause extends Stretch {
  readonly keys: RegExp;
  /** What must be told of it. */
  readonly musts: readonly string[];
}

const WEEK = 7 * MS_PER_DAY;

function listCauses(plan: Plan): readonly Cause[] {
  const { time, quotaCutAt, badReleaseAt, nullRoute, skippedWeek, fullDisk, downtime } = plan;
  return [
    { from: time.from, until: time.from + 10 * MS_PER_DAY, keys: /^quota$/, musts: [] },
    // From then on it may be used up at the end of any week.
    { from: quotaCutAt, until: time.until, keys: /^quota$/, musts: ["quota"] },
    {
      from: badReleaseAt,
      until: badReleaseAt + 10 * MS_PER_DAY,
      keys: /^health\.(job_update_editions|edition_city|edition_asn)$/,
      musts: ["health.edition_city"],
    },
    {
      ...until(nullRoute, MS_PER_DAY),
      keys: /^health\.(circuit_cymru|coverage)$/,
      musts: ["health.circuit_cymru"],
    },
    { ...until(skippedWeek, WEEK), keys: /^health\.edition_(city|asn)$/, musts: [] },
    {
      ...until(fullDisk, WEEK),
      keys: /^health\.(disk_free|backup|job_back_up|job_update_editions|job_prune|edition_city|edition_asn)$/,
      musts: ["health.disk_free", "health.job_back_up"],
    },
    // What is made up on the Monday takes the refreshing's share of the quota of the week that has just begun.
    { ...until(downtime, 2 * MS_PER_DAY), keys: /^(quota|health\.(job_[a-z_]+|backup))$/, musts: [] },
  ];
}

function until(stretch: Stretch, moreMs: number): Stretch {
  return { from: stretch.from, until: stretch.until + moreMs };
}

/** Reminders are a day apart, give or take what a run takes. */
const MIN_REMINDER_MS = MS_PER_DAY - MS_PER_HOUR;

/** All incidents of a plan together, and a letter a week. */
const MAX_TOLD = 60;

/** What a sane operator would complain of. */
export function judgeMailbox(mails: readonly LabMail[], plan: Plan): readonly string[] {
  const told = readMailbox(mails);
  const incidents = listIncidents(told);
  const causes = listCauses(plan);
  return [
    ...incidents.flatMap((incident) => judgeIncident(incident, causes)),
    ...causes.flatMap((cause) =>
      cause.musts.filter((key) => !incidents.some((one) => one.key === key && isIn(cause, one.from)))
        .map((key) => `nothing was told of ${key} from ${formatAt(cause.from)} on`)
    ),
    ...judgeFlapping(incidents),
    ...told.length > MAX_TOLD + (plan.time.until - plan.time.from) / WEEK
      ? [`${told.length} letters are too many`]
      : [],
  ];
}

function judgeIncident(
  { key, told, from, until }: Incident,
  causes: readonly Cause[],
): readonly string[] {
  const broken: string[] = [];
  const first = told[0]!;
  if (first.grade === "OK") broken.push(`${key} is told to be well, and was never told not to be`);
  if (!causes.some((cause) => cause.keys.test(key) && isIn(cause, from))) {
    broken.push(`${formatAt(from)} ${first.subject}: it has no cause`);
  }
  if (until === null) broken.push(`${key} is never told to be well again`);
  for (const [index, one] of told.entries()) {
    const before = told[index - 1];
    if (before === undefined || one.grade !== before.grade) continue;
    if (one.at - before.at < MIN_REMINDER_MS) broken.push(`${key} is told twice on ${formatAt(one.at)}`);
    if (!one.isReminder) broken.push(`${key} is told as new on ${formatAt(one.at)}, and is not`);
  }
  return broken;
}

const MIN_CALM_MS = 2 * MS_PER_DAY;

/** What was told to be well must stay so for a while. */
function judgeFlapping(incidents: readonly Incident[]): readonly string[] {
  return incidents.flatMap((incident) => {
    const next = incidents.find(({ key, from }) => key === incident.key && from > incident.from);
    const isFlapping = next !== undefined && next.from - (incident.until ?? 0) < MIN_CALM_MS;
    return isFlapping ? [`${incident.key} flaps around ${formatAt(next.from)}`] : [];
  });
}

/** An instant for people. */
export function formatAt(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace("T", " ");
}
