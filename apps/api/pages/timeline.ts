import {
  type Enrichment,
  formatMinute,
  type IpRecord,
  type OutcomeStatus,
  SOURCE_NAMES,
  type SourceName,
  type SourceProvenance,
} from "@ipcascade/core";
import { nameCountry, SOURCE_TITLES } from "@ipcascade/render";

/** A fact with its name. */
export type Fact = readonly [name: string, value: string];

/** One thing that is known of an address, and since when. */
export interface TimelineEvent {
  /** An instant or a day, as `datetime` of HTML has it. */
  readonly at: string;
  readonly title: string;
  /** How asking a source went; null for what is no question. */
  readonly outcome: OutcomeStatus | null;
  readonly facts: readonly Fact[];
}

/** What every source said of an address and where it is from, the oldest first. */
export function listEvents({ enrichment }: Pick<IpRecord, "enrichment">): readonly TimelineEvent[] {
  const events = [...listOlder(enrichment), ...SOURCE_NAMES.flatMap((name) => listAsked(name, enrichment))];
  // A day stands before its hours, as text does; asking keeps the order of the cascade.
  return events.sort((a, b) => a.at === b.at ? 0 : a.at < b.at ? -1 : 1);
}

/** Sources that have nothing to do with an address, or were not needed for it. */
export function listUnasked({ enrichment }: Pick<IpRecord, "enrichment">): readonly SourceName[] {
  return SOURCE_NAMES.filter((name) => enrichment._meta.sources[name] === undefined);
}

/** What the answers say of times before anybody asked. */
function listOlder({ maxmind, cymru, greynoise }: Enrichment): readonly TimelineEvent[] {
  const past = (at: string | null | undefined, title: string): TimelineEvent[] =>
    at === null || at === undefined ? [] : [{ at, title, outcome: null, facts: [] }];
  const registry = cymru?.registry?.toUpperCase() ?? "a registry";
  return [
    ...past(cymru?.allocated, `The block was allocated by ${registry}`),
    ...past(maxmind?.database_build, "The edition that answered was built"),
    ...past(greynoise?.last_seen, "GreyNoise saw it last"),
  ];
}

function listAsked(name: SourceName, enrichment: Enrichment): readonly TimelineEvent[] {
  const asked = enrichment._meta.sources[name];
  if (asked === undefined) return [];
  const answer = enrichment[name];
  const event = {
    at: asked.checked_at,
    title: `${SOURCE_TITLES[name]} ${
      asked.reason === "not_needed" ? "was not needed" : OUTCOMES[asked.outcome]
    }`,
    outcome: asked.outcome,
    facts: describeAsking(asked),
  };
  // An older answer stays where the source failed since.
  if (answer === undefined || answer.checked_at === asked.checked_at || asked.outcome === "hit") {
    return [{ ...event, facts: [...describeAnswer(name, enrichment), ...event.facts] }];
  }
  const kept = {
    at: answer.checked_at,
    title: `${SOURCE_TITLES[name]} answered`,
    outcome: "hit" as const,
    facts: describeAnswer(name, enrichment),
  };
  return [kept, event];
}

const OUTCOMES: Readonly<Record<OutcomeStatus, string>> = {
  hit: "answered",
  miss: "knows nothing of it",
  failed: "failed",
  skipped: "was not asked",
};

function describeAsking({ reason, until, duration_ms, outcome }: SourceProvenance): readonly Fact[] {
  return [
    ...reason === undefined || reason === "not_needed"
      ? []
      : [["Reason", reason.replaceAll("_", " ")] as const],
    ...until === undefined ? [] : [["Until", formatMinute(until)] as const],
    ...outcome === "skipped" ? [] : [["Took", `${Math.round(duration_ms * 100) / 100} ms`] as const],
  ];
}

function describeAnswer(name: SourceName, { maxmind, cymru, greynoise }: Enrichment): readonly Fact[] {
  switch (name) {
    case "maxmind":
      return maxmind === undefined ? [] : known([
        ["Country", maxmind.country_name ?? describeCountry(maxmind.country_code)],
        ["City", maxmind.city],
        ["Place", describePlace(maxmind)],
        ["Network", describeAsn(maxmind.asn, maxmind.asn_org)],
      ]);
    case "cymru":
      return cymru === undefined ? [] : known([
        ["Network", describeAsn(cymru.asn, cymru.asn_org)],
        ["All origins", cymru.asns.length > 1 ? cymru.asns.map((asn) => `AS${asn}`).join(", ") : null],
        ["Prefix", cymru.prefix],
        ["Country of the registry", describeCountry(cymru.country_code)],
      ]);
    case "greynoise":
      return greynoise === undefined ? [] : known([
        ["Seen scanning", greynoise.noise ? "yes" : "no"],
        ["Service of everyday business", greynoise.riot ? "yes" : "no"],
        ["Classification", greynoise.classification],
        ["Name", greynoise.name],
      ]);
  }
}

function known(facts: readonly (readonly [name: string, value: string | null])[]): readonly Fact[] {
  return facts.flatMap(([name, value]) => value === null || value === "" ? [] : [[name, value] as const]);
}

function describePlace(
  { latitude, longitude, accuracy_radius }: NonNullable<Enrichment["maxmind"]>,
): string | null {
  if (latitude === null || longitude === null) return null;
  const within = accuracy_radius === null ? "" : `, within ${accuracy_radius} km`;
  return `${latitude}, ${longitude}${within}`;
}

/** `AS15169 GOOGLE`; null where no number is known. */
export function describeAsn(number: number | null, org: string | null): string | null {
  return number === null ? null : `AS${number} ${org ?? ""}`.trim();
}

/** `Germany (DE)`; null where no code is known. */
export function describeCountry(code: string | null): string | null {
  return code === null ? null : `${nameCountry(code)} (${code})`;
}
