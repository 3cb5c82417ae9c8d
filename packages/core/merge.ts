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

const NEVER_ASKED: SourceAttempt = { outcome: null, attemptedAt: null, retryAt: null, failures: 0 };

/** The `enrichment` document of an address nobody was asked about. */
export function emptyEnrichment(scope: Scope): Enrichment {
  return { address: { scope }, _meta: { version: ENRICHMENT_VERSION, sources: {} } };
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
    attempts: { maxmind: NEVER_ASKED, cymru: NEVER_ASKED, greynoise: NEVER_ASKED },
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
  const maxmindAt = answeredAt(maxmind, options.now);
  const cymruAt = answeredAt(cymru, options.now);
  const readFrom = maxmindAt === null ? null : options.installed;
  return {
    ...row,
    ...geography(enrichment.maxmind),
    ...originAs(enrichment),
    isScanner: enrichment.greynoise?.noise === true,
    enrichment,
    enrichmentAt: latest(maxmindAt, cymruAt) ?? row.enrichmentAt,
    scannerAt: answeredAt(greynoise, options.now) ?? row.scannerAt,
    attempts: {
      maxmind: nextAttempt(row.attempts.maxmind, maxmind, options),
      cymru: nextAttempt(row.attempts.cymru, cymru, options),
      greynoise: nextAttempt(row.attempts.greynoise, greynoise, options),
    },
    cityBuildEpoch: readFrom === null ? row.cityBuildEpoch : readFrom.cityBuildEpoch,
    asnBuildEpoch: readFrom === null ? row.asnBuildEpoch : readFrom.asnBuildEpoch,
  };
}

function geography(maxmind: MaxmindAnswer | undefined) {
  return {
    geoCountry: countryCode(maxmind?.country_code),
    geoCity: maxmind?.city ?? null,
    geoLatitude: maxmind?.latitude ?? null,
    geoLongitude: maxmind?.longitude ?? null,
  };
}

function originAs(enrichment: Enrichment): Pick<InventoryRow, "asnNumber" | "asnOrg" | "asnSource"> {
  const { maxmind, cymru } = enrichment;
  if (maxmind !== undefined && maxmind.asn !== null) {
    return { asnNumber: maxmind.asn, asnOrg: maxmind.asn_org, asnSource: "maxmind" };
  }
  if (cymru !== undefined) return { asnNumber: cymru.asn, asnOrg: cymru.asn_org, asnSource: "cymru" };
  return { asnNumber: null, asnOrg: null, asnSource: null };
}

function mergeEnrichment(old: Enrichment, outcomes: SourceOutcomes, options: MergeOptions): Enrichment {
  const { now } = options;
  const maxmind = answerOf(outcomes.maxmind, old.maxmind, undefined);
  const cymru = answerOf(outcomes.cymru, old.cymru, undefined);
  const greynoise = answerOf(outcomes.greynoise, old.greynoise, neverSeen(formatInstant(now)));
  return {
    ...(maxmind === undefined ? {} : { maxmind }),
    ...(cymru === undefined ? {} : { cymru }),
    ...(greynoise === undefined ? {} : { greynoise }),
    address: old.address,
    _meta: { version: ENRICHMENT_VERSION, sources: mergeProvenance(old, outcomes, now) },
  };
}

function mergeProvenance(
  old: Enrichment,
  outcomes: SourceOutcomes,
  now: number,
): Enrichment["_meta"]["sources"] {
  const maxmind = provenanceOf(outcomes.maxmind, now) ?? old._meta.sources.maxmind;
  const cymru = provenanceOf(outcomes.cymru, now) ?? old._meta.sources.cymru;
  const greynoise = provenanceOf(outcomes.greynoise, now) ?? old._meta.sources.greynoise;
  return {
    ...(maxmind === undefined ? {} : { maxmind }),
    ...(cymru === undefined ? {} : { cymru }),
    ...(greynoise === undefined ? {} : { greynoise }),
  };
}

function latest(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.max(a, b);
}
