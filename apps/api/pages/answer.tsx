/** @jsxRuntime automatic */
/** @jsxImportSource hono/jsx */
import { type Grade, type IpRecord, type OutcomeStatus, quoteInput } from "@ipcascade/core";
import { SOURCE_TITLES } from "@ipcascade/render";
import type { FoundRecord } from "./find_record.ts";
import { Layout, type LayoutProps } from "./layout.tsx";
import { LookUpForm } from "./look_up_form.tsx";
import { Mark, When } from "./marks.tsx";
import {
  describeAsn,
  describeCountry,
  type Fact,
  listEvents,
  listUnasked,
  type TimelineEvent,
} from "./timeline.ts";

/** What is known of an address, or why nothing is said. */
export function Answer({ text, found }: { readonly text: string; readonly found: FoundRecord }) {
  if (found.kind === "found") return <Known {...found} />;
  return (
    <section class="panel answer" aria-labelledby="answer-title">
      <h2 id="answer-title" tabindex={-1}>No answer about {quoteInput(text)}</h2>
      <p class="away">{found.message}</p>
    </section>
  );
}

/** A page of its own about one address. */
export function AnswerPage({ frame, text, found }: {
  readonly frame: Omit<LayoutProps, "title" | "children">;
  readonly text: string;
  readonly found: FoundRecord;
}) {
  return (
    <Layout title={`${text.slice(0, 64)} – ipcascade`} {...frame}>
      <h1 class="unseen">An address</h1>
      <LookUpForm asked={text} />
      <div id="answer">
        <Answer text={text} found={found} />
      </div>
    </Layout>
  );
}

function Known({ record, isOffline }: { readonly record: IpRecord; readonly isOffline: boolean }) {
  const path = encodeURIComponent(record.ip_address);
  return (
    <section class="panel answer" aria-labelledby="answer-title">
      <h2 id="answer-title" tabindex={-1}>{record.ip_address}</h2>
      {isOffline && <p class="away">The database can't be used now: the installed editions alone answer.</p>}
      <dl class="facts lead">
        {listFacts(record).map(([name, value]) => <FactLine key={name} name={name} value={value} />)}
      </dl>
      <h3>Who said it, and when</h3>
      {record.scope === "global" ? <Timeline record={record} /> : (
        <p>
          It is an address of scope {record.scope.replaceAll("_", " ")}: no source is asked about these.
        </p>
      )}
      <p class="soft">
        {record.from_inventory ? "From the inventory: every answer is fresh. " : "Asked just now. "}
        <a href={`/ips/${path}`}>Page of its own</a>, <a href={`/v1/ips/${path}`}>as JSON</a>
      </p>
    </section>
  );
}

function listFacts(record: IpRecord): readonly Fact[] {
  const { greynoise } = record.enrichment;
  const seen = greynoise === undefined
    ? "not known"
    : greynoise.noise
    ? `seen scanning, ${greynoise.classification ?? "not classified"}`
    : greynoise.riot
    ? "not seen; a known service"
    : "not seen";
  return [
    ["Country", describeCountry(record.geo_country) ?? "not known"],
    ["City", record.geo_city ?? "not known"],
    ["Network", describeAsn(record.asn_number, record.asn_org) ?? "not known"],
    ["Scanning", record.scope === "global" ? seen : "–"],
  ];
}

function FactLine({ name, value }: { readonly name: string; readonly value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Timeline({ record }: { readonly record: IpRecord }) {
  const unasked = listUnasked(record);
  return (
    <>
      <ol class="timeline">
        {listEvents(record).map((event) => <Event key={event.title + event.at} event={event} />)}
      </ol>
      {unasked.length > 0 && (
        <p class="soft">Not needed: {unasked.map((name) => SOURCE_TITLES[name]).join(", ")}</p>
      )}
    </>
  );
}

const OUTCOME_GRADES: Readonly<Record<OutcomeStatus, Grade>> = {
  hit: "ok",
  miss: "info",
  failed: "critical",
  skipped: "info",
};

function Event({ event: { at, title, outcome, facts } }: { readonly event: TimelineEvent }) {
  return (
    <li class={outcome ?? "past"}>
      <p class="soft">{at.length > 10 ? <When at={at} /> : <time datetime={at}>{at}</time>}</p>
      <p>
        {outcome !== null && <OutcomeMark outcome={outcome} />} <strong>{title}</strong>
      </p>
      {facts.length > 0 && (
        <dl class="facts">
          {facts.map(([name, value]) => <FactLine key={name} name={name} value={value} />)}
        </dl>
      )}
    </li>
  );
}

/** The title says the outcome in words. */
function OutcomeMark({ outcome }: { readonly outcome: OutcomeStatus }) {
  return (
    <span aria-hidden="true">
      <Mark grade={OUTCOME_GRADES[outcome]} quiet />
    </span>
  );
}
