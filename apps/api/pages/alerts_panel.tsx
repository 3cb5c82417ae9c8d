/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { AlertItem, AlertList } from "@ipcascade/operations";
import { Ago, Mark } from "./marks.tsx";
import { Panel, Table } from "./panel.tsx";
import type { Reading } from "./reading.ts";

/** What was told to whom, the worst first. */
export function AlertsPanel(
  { reading, now }: { readonly reading: Reading<AlertList>; readonly now: number },
) {
  const columns = [
    { title: "About", cell: ({ title, key }: AlertItem) => title === "" ? key : title },
    { title: "Grade", cell: ({ grade }: AlertItem) => <Mark grade={grade} /> },
    { title: "Since", cell: ({ since }: AlertItem) => <Ago at={since} now={now} /> },
    { title: "Told by", cell: ({ notifier }: AlertItem) => notifier },
    { title: "Told", cell: ({ told_at }: AlertItem) => <Ago at={told_at} now={now} /> },
    {
      title: "Message",
      cell: ({ message, failure }: AlertItem) => (
        <span class="wrap">{message}{failure !== null && `; telling failed: ${failure}`}</span>
      ),
    },
  ];
  return (
    <Panel
      id="alerts"
      title="Alerts"
      span={6}
      reading={reading}
      show={({ alerts }) => (
        alerts.length === 0
          ? <p>Nothing was told to anybody yet.</p>
          : <Table id="alert-rows" caption="Alerts, the worst first" columns={columns} rows={alerts} stacks />
      )}
    />
  );
}
