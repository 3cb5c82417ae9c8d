/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import type { HealthCheck } from "@ipcascade/core";
import { type HealthReport, listChecks } from "@ipcascade/operations";
import { formatCount } from "@ipcascade/render";
import { Panel } from "./panel.tsx";
import type { Reading } from "./reading.ts";

/** What people call the counts that health makes of rows that are due. */
const TITLES: Readonly<Record<string, string>> = {
  cymru_stale: "Team Cymru, older than 90 days",
  greynoise_stale: "GreyNoise, older than 7 days",
  cymru_never_asked: "Team Cymru, never asked",
  greynoise_never_asked: "GreyNoise, never asked",
};

/** How many answers are too old, or missing, now. */
export function StalePanel(
  { reading, isWide }: {
    readonly reading: Reading<HealthReport>;
    /** Whether what is beside it leaves room. */
    readonly isWide: boolean;
  },
) {
  return (
    <Panel
      id="stale"
      title="Due to be asked"
      span={isWide ? 3 : 2}
      reading={reading}
      show={(report) => {
        const checks = listChecks(report).filter(({ name }) => Object.hasOwn(TITLES, name));
        return (
          <>
            <dl class="counts">{checks.map((check) => <Count key={check.name} check={check} />)}</dl>
            <p class="soft">The job refresh-stale asks again about them when it is run.</p>
          </>
        );
      }}
    />
  );
}

function Count({ check: { name, observed } }: { readonly check: HealthCheck }) {
  return (
    <div>
      <dt>{TITLES[name]}</dt>
      <dd>{typeof observed === "number" ? formatCount(observed) : <small>not known</small>}</dd>
    </div>
  );
}
