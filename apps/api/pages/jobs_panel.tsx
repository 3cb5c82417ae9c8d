/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Grade, JobRunState } from "@ipcascade/core";
import type { JobHistoryReport, JobListReport, ListedJob, ListedRun } from "@ipcascade/operations";
import { Ago, Mark, When } from "./marks.tsx";
import { Panel, Table } from "./panel.tsx";
import type { Reading } from "./reading.ts";
import { RunButton } from "./run_button.tsx";

/** What the panel shows. */
export interface JobsPanelProps {
  readonly reading: Reading<JobListReport>;
  readonly runs: Reading<JobHistoryReport>;
  readonly now: number;
  /** Whether the reader may start jobs. */
  readonly mayRun: boolean;
}

/** The jobs: how they stand, when they should be started next, and what they did. */
export function JobsPanel({ reading, runs, now, mayRun }: JobsPanelProps) {
  return (
    <Panel
      id="jobs"
      title="Jobs"
      span={6}
      reading={reading}
      show={({ jobs, scheduler }) => (
        <>
          {jobs.length === 0 ? <p>No job is known to this server.</p> : (
            <Table
              id="job-rows"
              caption="Jobs"
              columns={listColumns({ reading, now, mayRun })}
              rows={jobs}
              stacks
            />
          )}
          <p class="soft" id="job-hint">
            <Mark grade={scheduler.grade} quiet /> <SchedulerHint scheduler={scheduler} />
            {mayRun && " A button runs a job now."}
          </p>
          <details id="runs">
            <summary id="runs-summary">Latest runs</summary>
            {runs.isKnown
              ? <Runs report={runs.value} now={now} />
              : <p class="away">Can't be shown: {runs.reason}</p>}
          </details>
        </>
      )}
    />
  );
}

/** Who starts what is due. */
function SchedulerHint({ scheduler: { state, message } }: Pick<JobListReport, "scheduler">) {
  if (state !== "none") return <>Scheduler: {message}.</>;
  return (
    <>
      No scheduler has ever been at work: what is due is started by{" "}
      <code>ipcascade schedule</code>, or by cron with <code>ipcascade jobs run NAME</code> or{" "}
      <a href="/docs#startJobRun">POST /v1/jobs/{"{name}"}/runs</a>.
    </>
  );
}

function listColumns({ reading, now, mayRun }: Omit<JobsPanelProps, "runs">) {
  const name = { title: "Job", cell: (job: ListedJob) => job.name };
  const run = {
    title: "Run",
    cell: ({ name }: ListedJob) => <RunButton job={name} jobs={reading} id={`run-${name}`} />,
  };
  return [
    name,
    // Beside the name, so that it is in sight where the table is wider than the screen.
    ...mayRun ? [run] : [],
    { title: "Stands", cell: ({ grade }: ListedJob) => <Mark grade={grade} /> },
    { title: "Last run", cell: ({ last_run }: ListedJob) => <LastRun run={last_run} now={now} /> },
    {
      title: "Due next",
      cell: ({ next_at }: ListedJob) => next_at === null ? "off" : <When at={next_at} />,
    },
    { title: "Finding", cell: ({ message }: ListedJob) => <span class="wrap">{message}</span> },
  ];
}

function LastRun({ run, now }: { readonly run: ListedRun | null; readonly now: number }) {
  if (run === null) return <span>never ran</span>;
  return (
    <span>
      {run.state === "running" ? "running, begun" : STATES[run.state].words}{" "}
      <Ago at={run.ended_at ?? run.started_at} now={now} />
      {run.attempt > 1 && `, try ${run.attempt}`}
    </span>
  );
}

/** What a run was for: its tick, and which try of it. */
function Tick({ run: { tick_at, attempt } }: { readonly run: ListedRun }) {
  if (tick_at === null) return <span>–</span>;
  return (
    <span>
      <When at={tick_at} />
      {attempt > 1 && `, try ${attempt}`}
    </span>
  );
}

const STATES: Readonly<Record<JobRunState, { readonly words: string; readonly grade: Grade }>> = {
  succeeded: { words: "succeeded", grade: "ok" },
  partly_failed: { words: "partly failed", grade: "warning" },
  failed: { words: "failed", grade: "critical" },
  stopped: { words: "stopped", grade: "warning" },
  skipped: { words: "skipped", grade: "info" },
  running: { words: "running", grade: "info" },
  lost: { words: "lost", grade: "critical" },
};

function Runs({ report, now }: { readonly report: JobHistoryReport; readonly now: number }) {
  if (report.runs.length === 0) return <p>No job ran yet.</p>;
  const columns = [
    { title: "Job", cell: ({ job }: ListedRun) => job },
    {
      title: "Ended",
      cell: ({ state }: ListedRun) => (
        <span>
          <Mark grade={STATES[state].grade} quiet /> {STATES[state].words}
        </span>
      ),
    },
    { title: "Started", cell: ({ started_at }: ListedRun) => <Ago at={started_at} now={now} /> },
    { title: "For the tick of", cell: (run: ListedRun) => <Tick run={run} /> },
    { title: "Took", isNumber: true, cell: ({ duration_ms }: ListedRun) => describeDuration(duration_ms) },
    { title: "By", cell: ({ started_by, actor }: ListedRun) => `${started_by}, ${actor}` },
    {
      title: "Said",
      cell: ({ error, message }: ListedRun) => <span class="wrap">{error?.message ?? message ?? "–"}</span>,
    },
  ];
  return <Table id="run-rows" caption="Latest runs of all jobs" columns={columns} rows={report.runs} />;
}

function describeDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 120_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}
