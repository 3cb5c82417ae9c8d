/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { SOURCE_NAMES, type SourceName } from "@ipcascade/core";
import type { SourceActivity, SourceActivityReport } from "@ipcascade/operations";
import { formatCount, SOURCE_TITLES } from "@ipcascade/render";
import type { BoardState } from "./board.ts";
import { findCheck } from "./health_panel.tsx";
import { Mark, When } from "./marks.tsx";
import { Panel, Table } from "./panel.tsx";

interface Row {
  readonly source: SourceName;
  /** Null where nobody asked it. */
  readonly activity: SourceActivity | null;
}

/** How the sources answer: their circuits, and what was asked of them in the last day. */
export function SourcesPanel({ state }: { readonly state: BoardState }) {
  const columns = [
    { title: "Source", cell: (row: Row) => <Name row={row} /> },
    { title: "Circuit", cell: ({ source }: Row) => <Circuit state={state} source={source} /> },
    { title: "Requests", isNumber: true, cell: ({ activity }: Row) => formatCount(activity?.requests ?? 0) },
    {
      title: "Not answered",
      isNumber: true,
      cell: ({ activity }: Row) => formatCount(countUnanswered(activity)),
    },
    { title: "Median", isNumber: true, cell: ({ activity }: Row) => describeMs(activity?.p50_ms) },
    { title: "p95", isNumber: true, cell: ({ activity }: Row) => describeMs(activity?.p95_ms) },
    {
      title: "Last asked in the hour from",
      cell: ({ activity }: Row) => <When at={activity?.last_hour ?? null} />,
    },
  ];
  return (
    <Panel
      id="sources"
      title="Sources, last 24 hours"
      span={6}
      reading={state.sources}
      show={(report) => (
        <Table
          id="source-rows"
          caption="Sources over the last 24 hours"
          columns={columns}
          rows={listRows(report)}
          stacks
        />
      )}
    />
  );
}

/** One source may be asked in more ways than one, each a row. */
function Name({ row: { source, activity } }: { readonly row: Row }) {
  return (
    <span>
      {SOURCE_TITLES[source]} {activity !== null && <small>{activity.channel}</small>}
    </span>
  );
}

function Circuit({ state, source }: { readonly state: BoardState; readonly source: SourceName }) {
  const check = findCheck(state.health, `circuit_${source}`);
  if (check === null) return <Mark grade="unknown" />;
  return (
    <span class="wrap">
      <Mark grade={check.grade} quiet /> {check.message}
    </span>
  );
}

function listRows({ sources }: SourceActivityReport): readonly Row[] {
  return SOURCE_NAMES.flatMap((source): readonly Row[] => {
    const own = sources.filter((one) => one.source === source);
    return own.length === 0 ? [{ source, activity: null }] : own.map((activity) => ({ source, activity }));
  });
}

function countUnanswered(activity: SourceActivity | null): number {
  if (activity === null) return 0;
  return activity.requests - (activity.outcomes.answered ?? 0);
}

function describeMs(ms: number | null | undefined): string {
  return ms === null || ms === undefined ? "–" : `${ms} ms`;
}
