/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { EditionStatusItem, EditionStatusReport } from "@ipcascade/operations";
import { MS_PER_DAY } from "@ipcascade/core";
import { Linked } from "./linked.tsx";
import { Ago, Mark, When } from "./marks.tsx";
import { Panel } from "./panel.tsx";
import type { Reading } from "./reading.ts";

/** Which databases serve, how old they are, and how updating goes. */
export function EditionsPanel(
  { reading, now }: { readonly reading: Reading<EditionStatusReport>; readonly now: number },
) {
  return (
    <Panel
      id="editions"
      title="Editions"
      span={3}
      reading={reading}
      show={(report) => (
        <>
          <ul class="cards">
            {report.items.map((item) => <Edition key={item.edition_id} item={item} now={now} />)}
          </ul>
          <p class="soft">
            <Linked text={describeServing(report)} />
          </p>
          <p class="soft">
            {report.checked_at === null ? "Releases were never looked for" : (
              <>
                Releases were looked for <Ago at={report.checked_at} now={now} />
              </>
            )}
            {report.next_attempt_at !== null && (
              <>
                ; next try <Ago at={report.next_attempt_at} now={now} />
              </>
            )}
          </p>
          {report.failures > 0 && report.attempt?.error != null && (
            <p class="away">Updating failed {report.failures} times: {report.attempt.error.message}</p>
          )}
        </>
      )}
    />
  );
}

function Edition({ item, now }: { readonly item: EditionStatusItem; readonly now: number }) {
  const { edition_id, built_at, grade, message } = item;
  // The age stands above it in large.
  const remark = message.replace(/,? ?built \d+ days ago$/, "");
  return (
    <li>
      <p>
        <strong>{edition_id}</strong> <Mark grade={grade} />
      </p>
      <p class="large">
        {built_at === null ? "–" : (
          <>
            {Math.floor((now - Date.parse(built_at)) / MS_PER_DAY)} <small>days old</small>
          </>
        )}
      </p>
      <p class="soft">
        {built_at === null ? message : (
          <>
            {remark}, built <When at={built_at} />
          </>
        )}
      </p>
    </li>
  );
}

function describeServing({ serving, set, provider }: EditionStatusReport): string {
  if (serving === "nothing") return "Nothing is installed: run the job update-editions";
  if (serving === "plain") return "Plain files serve, as they were found";
  return `The set ${set} serves, from ${provider}`;
}
