import {
  formatInstant,
  type InstalledEditions,
  type IpAddress,
  type LookupOutcome,
  type MaxmindAnswer,
  type MaxmindSource,
  MS_PER_SECOND,
  NO_ORIGIN,
  NO_PLACE,
} from "@ipcascade/core";
import type { AsnFacts } from "./asn.ts";
import type { CityFacts } from "./city.ts";
import { openAsn, openCity, type OpenEdition } from "./edition.ts";
import type { Mmdb } from "./mmdb.ts";

/** An edition that is installed but could not be read: an incident, unlike one that is not installed. */
export interface BrokenEdition {
  /** What is wrong with it, for people; ends up in every outcome. */
  readonly failure: string;
  /** Name for the message; by default the kind. */
  readonly name?: string;
  /** Its build in seconds since 1970 UTC where that is known otherwise. */
  readonly buildEpoch?: number | null;
}

/** An edition's file in memory, the open database, or why there is none. */
export type EditionInput = Uint8Array | Mmdb | BrokenEdition;

/** What a source is made of; an edition left out or null is not installed. */
export interface MaxmindSourceOptions {
  /** The City edition. */
  readonly city?: EditionInput | null;
  /** The ASN edition. */
  readonly asn?: EditionInput | null;
  /** Milliseconds of a clock that never goes back, for the durations. */
  readonly elapsed: () => number;
  /** Facts kept per edition, some 160 bytes each; by default a whole edition's. Fewer save memory and cost time. */
  readonly maxKept?: number;
}

/**
 * Puts a City and an ASN edition, one of them or none behind the port. Throws `EditionUnreadableError` when bytes
 * can't be opened or are of another kind; catch it and pass the message as `failure` to serve the incident.
 */
export function createMaxmindSource(options: MaxmindSourceOptions): MaxmindSource {
  const { maxKept } = options;
  const city = openInput(options.city, (database) => openCity(database, maxKept));
  const asn = openInput(options.asn, (database) => openAsn(database, maxKept));
  if (isBroken(city)) return createBrokenSource(describe(city, "City edition"), installedOf(city, asn));
  if (isBroken(asn)) return createBrokenSource(describe(asn, "ASN edition"), installedOf(city, asn));
  const first = city ?? asn;
  if (first === null) return NOTHING_INSTALLED;
  const databaseBuild = formatInstant(first.buildEpoch * MS_PER_SECOND);
  return createReadingSource({ city, asn, databaseBuild, elapsed: options.elapsed });
}

const NOTHING_INSTALLED: MaxmindSource = {
  installed: null,
  lookUp: () => ({ status: "skipped", reason: "no_edition", until: null }),
};

type Opened<Facts> = OpenEdition<Facts> | BrokenEdition | null;

function openInput<Facts>(
  input: EditionInput | null | undefined,
  open: (database: Uint8Array | Mmdb) => OpenEdition<Facts>,
): Opened<Facts> {
  if (input === null || input === undefined) return null;
  return "failure" in input ? input : open(input);
}

function isBroken(edition: Opened<unknown>): edition is BrokenEdition {
  return edition !== null && "failure" in edition;
}

function describe(edition: BrokenEdition, kind: string): string {
  return `Cannot read "${edition.name ?? kind}": ${edition.failure}`;
}

function installedOf(city: Opened<unknown>, asn: Opened<unknown>): InstalledEditions {
  return { cityBuildEpoch: city?.buildEpoch ?? null, asnBuildEpoch: asn?.buildEpoch ?? null };
}

function createBrokenSource(message: string, installed: InstalledEditions): MaxmindSource {
  return { installed, lookUp: () => failed(message, 0) };
}

interface ReadingDeps {
  readonly city: OpenEdition<CityFacts> | null;
  readonly asn: OpenEdition<AsnFacts> | null;
  readonly databaseBuild: string;
  readonly elapsed: () => number;
}

function createReadingSource({ city, asn, databaseBuild, elapsed }: ReadingDeps): MaxmindSource {
  return {
    installed: installedOf(city, asn),
    lookUp(address: IpAddress, checkedAt: string): LookupOutcome<MaxmindAnswer> {
      const startedAt = elapsed();
      let edition: OpenEdition<unknown> | null = city;
      try {
        const place = city?.find(address) ?? null;
        edition = asn;
        const origin = asn?.find(address) ?? null;
        const durationMs = elapsed() - startedAt;
        // An organisation alone answers nothing: the cascade asks on for the number.
        if (place === null && (origin === null || origin.asn === null)) return { status: "miss", durationMs };
        const data = toAnswer(place ?? NO_PLACE, origin ?? NO_ORIGIN, databaseBuild, checkedAt);
        return { status: "hit", data, durationMs };
      } catch (error) {
        const state = error instanceof Error ? error.message : String(error);
        const message = `Cannot look up "${address.text}" in "${edition?.databaseType}": ${state}`;
        return failed(message, elapsed() - startedAt);
      }
    },
  };
}

function toAnswer(
  place: CityFacts,
  origin: AsnFacts,
  databaseBuild: string,
  checkedAt: string,
): MaxmindAnswer {
  return {
    country_code: place.country_code,
    country_name: place.country_name,
    city: place.city,
    latitude: place.latitude,
    longitude: place.longitude,
    accuracy_radius: place.accuracy_radius,
    asn: origin.asn,
    asn_org: origin.asn_org,
    database_build: databaseBuild,
    checked_at: checkedAt,
  };
}

function failed(message: string, durationMs: number): LookupOutcome<MaxmindAnswer> {
  return { status: "failed", failure: { reason: "corrupt", message }, durationMs };
}
