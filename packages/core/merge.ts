import { formatInstant } from "./clock.ts";
import {
  type CymruAnswer,
  type Enrichment,
  ENRICHMENT_VERSION,
  type GreynoiseAnswer,
  type MaxmindAnswer,
} from "./enrichment.ts";
import type { InventoryRow, SourceAttempt } from "./inventory.ts";
import type { LookupOutcome } from "./outcome.ts";
import type { Scope } from "./scope.ts";
import type { InstalledEditions } from "./source.ts";
import {
  answeredAt,
  answerOf,
  type AnswerOptions,
  countryCode,
  neverSeen,
  nextAttempt,
  provenanceOf,
} from "./source_answer.ts";

/** What the sources said about one address in this run; a source that was left alone as fresh is absent. */
export interface SourceOutcomes {
  readonly maxmind?: LookupOutcome<MaxmindAnswer>;
  readonly cymru?: LookupOutcome<CymruAnswer>;
  readonly greynoise?: LookupOutcome<GreynoiseAnswer>;
}

/** What a merge needs besides the row and the outcomes. */
export interface MergeOptions extends AnswerOptions {
  /** The editions that MaxMind's outcome was read from. */
  readonly installed: InstalledEditions | null;
}

const NEVER: SourceAttempt = Object.freeze({
  outcome: null,
  attemptedAt: null,
  retryAt: null,
  failures: 0,
});
const NEVER_ASKED = Object.freeze({ maxmind: NEVER, cymru: NEVER, greynoise: NEVER });

const emptyDocuments = new Map<Scope, Enrichment>();

/** The `enrichment` document of an address nobody was asked about; frozen, one for each scope. */
export function emptyEnrichment(scope: Scope): Enrichment {
  const known = emptyDocuments.get(scope);
  if (known !== undefined) return known;
  const document = Object.freeze({
    address: Object.freeze({ scope }),
    _meta: Object.freeze({ version: ENRICHMENT_VERSION, sources: Object.freeze({}) }),
  });
  emptyDocuments.set(scope, document);
  return document;
}

/** The row of an address that the inventory does not hold yet. */
export function emptyRow(ipAddress: string, scope: Scope): InventoryRow {
  return {
    ipAddress,
    geoCountry: null,
    geoCity: null,
    geoLatitude: null,
    geoLongitude: null,
    asnNumber: null,
    asnOrg: null,
    asnSource: null,
    isScanner: false,
    enrichment: emptyEnrichment(scope),
    enrichmentAt: null,
    scannerAt: null,
    attempts: NEVER_ASKED,
    cityBuildEpoch: null,
    asnBuildEpoch: null,
    observationCount: 0,
    firstSeenAt: null,
    lastSeenAt: null,
    revision: 0,
  };
}

/**
 * Merges what the sources said into a row. Geography comes from MaxMind only; the ASN from MaxMind, else from Cymru;
 * scanner facts from GreyNoise only. A source that answered replaces its older answer (a miss removes it), one that
 * failed or was skipped leaves it in place and re-stamps nothing. Activity is never touched.
 */
export function mergeOutcomes(
  row: InventoryRow,
  outcomes: SourceOutcomes,
  options: MergeOptions,
): InventoryRow {
  const enrichment = mergeEnrichment(row.enrichment, outcomes, options);
  const { maxmind, cymru, greynoise } = outcomes;
  const place = enrichment.maxmind;
  const origin = originAs(enrichment);
  const attempts = {
    maxmind: nextAttempt(row.attempts.maxmind, maxmind, options),
    cymru: nextAttempt(row.attempts.cymru, cymru, options),
    greynoise: nextAttempt(row.attempts.greynoise, greynoise, options),
  };
  const answered = maxmind?.status === "hit" || maxmind?.status === "miss";
  const maxmindAt = answered ? attempts.maxmind.attemptedAt : null;
  const readFrom = answered ? options.installed : null;
  // Field by field: this is done for every address, and spreading objects into each other takes several times as long.
  return {
    ipAddress: row.ipAddress,
    geoCountry: countryCode(place?.country_code),
    geoCity: place?.city ?? null,
    geoLatitude: place?.latitude ?? null,
    geoLongitude: place?.longitude ?? null,
    asnNumber: origin === null ? null : origin.asn,
    asnOrg: origin === null ? null : origin.asn_org,
    asnSource: origin === null ? null : origin === place ? "maxmind" : "cymru",
    isScanner: enrichment.greynoise?.noise === true,
    enrichment,
    enrichmentAt: latest(maxmindAt, answeredAt(cymru, options.now)) ?? row.enrichmentAt,
    scannerAt: answeredAt(greynoise, options.now) ?? row.scannerAt,
    attempts,
    cityBuildEpoch: readFrom === null ? row.cityBuildEpoch : readFrom.cityBuildEpoch,
    asnBuildEpoch: readFrom === null ? row.asnBuildEpoch : readFrom.asnBuildEpoch,
    observationCount: row.observationCount,
    firstSeenAt: row.firstSeenAt,
    lastSeenAt: row.lastSeenAt,
    revision: row.revision,
  };
}

/** The answer that names the AS: MaxMind's, else Team Cymru's. */
function originAs({ maxmind, cymru }: Enrichment): MaxmindAnswer | CymruAnswer | null {
  return maxmind !== undefined && maxmind.asn !== null ? maxmind : cymru ?? null;
}

type Writable<Shape> = { -readonly [Field in keyof Shape]: Shape[Field] };

function mergeEnrichment(old: Enrichment, outcomes: SourceOutcomes, options: MergeOptions): Enrichment {
  const maxmind = answerOf(outcomes.maxmind, old.maxmind, undefined);
  const cymru = answerOf(outcomes.cymru, old.cymru, undefined);
  const onMiss = outcomes.greynoise?.status === "miss"
    ? neverSeen(options.nowText ?? formatInstant(options.now))
    : undefined;
  const greynoise = answerOf(outcomes.greynoise, old.greynoise, onMiss);
  const merged: Partial<Writable<Enrichment>> = {};
  if (maxmind !== undefined) merged.maxmind = maxmind;
  if (cymru !== undefined) merged.cymru = cymru;
  if (greynoise !== undefined) merged.greynoise = greynoise;
  merged.address = old.address;
  merged._meta = { version: ENRICHMENT_VERSION, sources: mergeProvenance(old, outcomes, options) };
  return merged as Enrichment;
}

type Provenance = Enrichment["_meta"]["sources"];

function mergeProvenance(
  { _meta: { sources: old } }: Enrichment,
  outcomes: SourceOutcomes,
  options: MergeOptions,
): Provenance {
  const maxmind = provenanceOf(outcomes.maxmind, options) ?? old.maxmind;
  const cymru = provenanceOf(outcomes.cymru, options) ?? old.cymru;
  const greynoise = provenanceOf(outcomes.greynoise, options) ?? old.greynoise;
  const merged: Writable<Provenance> = {};
  if (maxmind !== undefined) merged.maxmind = maxmind;
  if (cymru !== undefined) merged.cymru = cymru;
  if (greynoise !== undefined) merged.greynoise = greynoise;
  return merged;
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
