/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { DATABASE_CHECK, HEALTH_GROUPS, type HealthCheck } from "@ipcascade/core";
import { type HealthReport, type JobListReport, listChecks } from "@ipcascade/operations";
import { Ago, Fix, Mark } from "./marks.tsx";
import { Table } from "./panel.tsx";
import type { Reading } from "./reading.ts";
import { findJobOfFix, RunButton } from "./run_button.tsx";

/** What the panel shows. */
export interface HealthPanelProps {
  readonly reading: Reading<HealthReport>;
  readonly jobs: Reading<JobListReport>;
  readonly now: number;
  /** Whether the reader may start jobs. */
  readonly mayRun: boolean;
}

/** How everything stands, and what to do about it. */
export function HealthPanel({ reading, ...props }: HealthPanelProps) {
  const grade = reading.isKnown ? reading.value.grade : "unknown";
  return (
    <section class={`panel span6 hero ${grade}`} id="health" data-panel="" aria-labelledby="verdict">
      <h2 id="verdict" class="verdict">
        <Mark grade={grade} /> <span>{describeVerdict(reading)}</span>
      </h2>
      {reading.isKnown
        ? <Findings report={reading.value} {...props} />
        : <p class="away">Can't be told: {reading.reason}</p>}
    </section>
  );
}

function describeVerdict(reading: Reading<HealthReport>): string {
  if (!reading.isKnown) return "How things stand is not known";
  const { grade } = reading.value;
  const { causes, remarks } = sortFindings(reading.value);
  if (causes.length === 0) return remarks.length === 0 ? "Every check passes" : "No check fails";
  const things = causes.length === 1 ? "One check needs" : `${causes.length} checks need`;
  return `${things} ${grade === "warning" ? "attention" : "you now"}`;
}

/** What fails by itself, and what is not known because the database is not there. */
function sortFindings(report: HealthReport) {
  const checks = listChecks(report);
  const failing = report.failing.flatMap((name) => checks.filter((check) => check.name === name));
  const database = failing.find(({ name }) => name === DATABASE_CHECK);
  const follows = (check: HealthCheck) =>
    database !== undefined && check !== database && check.grade === "unknown" && check.fix === database.fix;
  return {
    checks,
    causes: failing.filter((check) => !follows(check)),
    effects: failing.filter(follows),
    remarks: checks.filter(({ grade }) => grade === "info"),
  };
}

type FindingsProps = Omit<HealthPanelProps, "reading"> & { readonly report: HealthReport };

function Findings({ report, now, ...run }: FindingsProps) {
  const { checks, causes, effects, remarks } = sortFindings(report);
  return (
    <>
      {causes.length > 0 && (
        <ul class="findings">{causes.map((check) => <Finding key={check.name} check={check} {...run} />)}</ul>
      )}
      {effects.length > 0 && (
        <p>
          <Mark grade="unknown" /> {effects.length} checks can't be made without the database
        </p>
      )}
      <p class="soft">
        {checks.length} checks, made <Ago at={report.checked_at} now={now} /> in {report.duration_ms} ms
      </p>
      {remarks.length > 0 && (
        <details id="remarks">
          <summary id="remarks-summary">
            {remarks.length === 1 ? "One thing" : `${remarks.length} things`} to know
          </summary>
          <ul class="findings">
            {remarks.map((check) => <Finding key={check.name} check={check} {...run} />)}
          </ul>
        </details>
      )}
      <details id="all-checks">
        <summary id="all-checks-summary">Every check</summary>
        <Table id="checks" caption="Every check" columns={COLUMNS} rows={inGroups(checks)} />
      </details>
    </>
  );
}

type FindingProps = Pick<HealthPanelProps, "jobs" | "mayRun"> & { readonly check: HealthCheck };

function Finding({ check: { name, grade, message, fix }, jobs, mayRun }: FindingProps) {
  const job = mayRun ? findJobOfFix(fix) : null;
  return (
    <li>
      <p>
        <Mark grade={grade} /> <strong>{nameCheck(name)}</strong> <span>{message}</span>
      </p>
      <Fix fix={fix} id={name}>
        {job !== null && <RunButton job={job} jobs={jobs} id={`fix-${name}-run`} words={`Run ${job}`} />}
      </Fix>
    </li>
  );
}

const COLUMNS = [
  { title: "Check", cell: ({ name }: HealthCheck) => nameCheck(name) },
  { title: "Grade", cell: ({ grade }: HealthCheck) => <Mark grade={grade} /> },
  { title: "About", cell: ({ group }: HealthCheck) => group },
  { title: "Finding", cell: ({ message }: HealthCheck) => <span class="wrap">{message}</span> },
];

function inGroups(checks: readonly HealthCheck[]): readonly HealthCheck[] {
  return HEALTH_GROUPS.flatMap((group) => checks.filter((check) => check.group === group));
}

/** Words that are written in their own way. */
const PROPER: Readonly<Record<string, string>> = {
  asn: "ASN",
  cymru: "Cymru",
  greynoise: "GreyNoise",
  maxmind: "MaxMind",
};

/** A check's name in words: `edition_city` is `Edition city`. */
export function nameCheck(name: string): string {
  const words = name.split("_").map((word) => PROPER[word] ?? word).join(" ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A check of a report by its name; null where it was not made. */
export function findCheck(reading: Reading<HealthReport>, name: string): HealthCheck | null {
  if (!reading.isKnown) return null;
  return listChecks(reading.value).find((check) => check.name === name) ?? null;
}
