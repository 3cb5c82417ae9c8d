/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { Child } from "hono/jsx";
import { AlertsPanel } from "./alerts_panel.tsx";
import type { BoardState } from "./board.ts";
import type { Told } from "./job_routes.tsx";
import { EditionsPanel } from "./editions_panel.tsx";
import { FiguresPanel } from "./figures_panel.tsx";
import { HealthPanel } from "./health_panel.tsx";
import { JobsPanel } from "./jobs_panel.tsx";
import { Layout, type LayoutProps } from "./layout.tsx";
import { LookUpForm } from "./look_up_form.tsx";
import { AsnsPanel, CountriesPanel, hasMap } from "./places_panel.tsx";
import { QuotaPanel } from "./quota_panel.tsx";
import { SourcesPanel } from "./sources_panel.tsx";
import { StalePanel } from "./stale_panel.tsx";
import { hasTrend, TrendPanel } from "./trend_panel.tsx";

/** What the dashboard shows. */
export interface DashboardProps {
  readonly frame: Omit<LayoutProps, "title" | "children">;
  readonly state: BoardState;
  readonly mayRun: boolean;
  /** What was asked about; empty for nothing. */
  readonly asked: string;
  /** The answer to it. */
  readonly answer: Child;
  /** What became of what the reader did last; null for nothing. */
  readonly told: Told | null;
}

/** The page that operators keep open. */
export function Dashboard({ frame, state, mayRun, asked, answer, told }: DashboardProps) {
  return (
    <Layout title="ipcascade" {...frame} hasMap={state.coverage.isKnown && hasMap(state.coverage.value)}>
      <h1 class="unseen">Dashboard of ipcascade</h1>
      {told !== null && <Outcome {...told} />}
      <LookUpForm asked={asked} />
      <div id="answer">{answer}</div>
      <Panels state={state} mayRun={mayRun} />
    </Layout>
  );
}

function Outcome({ job, told }: Told) {
  const [words, rest] = told === "started"
    ? ["was started", "How it goes is told under"]
    : ["runs already, so that it was not started", "It is told of under"];
  return (
    <p class="told" id="told" role="status">
      {job} {words}. {rest} <a href="#jobs">Jobs</a>.
    </p>
  );
}

/** Every panel; the page's script asks for these alone. */
export function Panels({ state, mayRun }: { readonly state: BoardState; readonly mayRun: boolean }) {
  const { now } = state;
  return (
    <div id="board" class="board">
      <HealthPanel reading={state.health} jobs={state.jobs} now={now} mayRun={mayRun} />
      <FiguresPanel state={state} />
      <EditionsPanel reading={state.editions} now={now} />
      <QuotaPanel reading={state.quota} now={now} />
      <TrendPanel reading={state.coverage} jobs={state.jobs} mayRun={mayRun} />
      <StalePanel reading={state.health} isWide={!hasTrend(state.coverage)} />
      <CountriesPanel reading={state.coverage} />
      <AsnsPanel reading={state.coverage} />
      <SourcesPanel state={state} />
      <JobsPanel reading={state.jobs} runs={state.runs} now={now} mayRun={mayRun} />
      <AlertsPanel reading={state.alerts} now={now} />
    </div>
  );
}
