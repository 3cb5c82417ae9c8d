import { buildEdition, EDITION_BUILD_EPOCH, EDITION_IDS, WORLD, type WorldAddress } from "@ipcascade/testkit";
import type { Lab } from "@ipcascade/testkit/lab";

/** One of two releases whose answers differ in every fact. */
export type ReleaseName = "old" | "new";

/** An address and what each release says about it, as `describeFacts` puts it. */
export interface ChaosAddress {
  readonly text: string;
  readonly facts: Readonly<Record<ReleaseName, string>>;
}

/** The part of a record that the editions decide. */
export interface RecordFacts {
  readonly geo_country: string | null;
  readonly geo_city: string | null;
  readonly geo_latitude: number | null;
  readonly asn_number: number | null;
  readonly asn_org: string | null;
  readonly enrichment: {
    readonly maxmind?: {
      readonly city: string | null;
      readonly latitude: number | null;
      readonly asn: number | null;
      readonly asn_org: string | null;
      readonly database_build: string | null;
    };
  };
}

/** A day later. */
const BUILDS = { old: EDITION_BUILD_EPOCH, new: EDITION_BUILD_EPOCH + 86_400 } as const;

const HOSTS = 40;

/** Addresses that both editions know. GreyNoise is not asked about IPv6, so that filling takes a moment. */
export function listChaosAddresses(): readonly ChaosAddress[] {
  const entries = WORLD.filter((entry) => isTold(entry) && !isCanary(entry));
  return [
    ...entries.map((entry) => describeEntry(entry, entry.address)),
    ...entries.filter(({ version }) => version === 6).flatMap((entry) =>
      Array.from({ length: HOSTS }, (_, host) => {
        const text = entry.network.replace(/\/48$/, (0xa000 + host).toString(16));
        return describeEntry(entry, text);
      })
    ),
  ];
}

/** Makes the new release the newest that the lab offers. */
export function publishNew(lab: Lab): void {
  for (const id of EDITION_IDS) {
    const database = buildEdition(id, { buildEpoch: BUILDS.new, change: changeEntry });
    lab.publish(id, { buildEpoch: BUILDS.new, database });
  }
}

/** The facts of a record; one that mixes two releases is like neither. */
export function describeFacts(record: RecordFacts): string {
  const { enrichment: { maxmind } } = record;
  return [
    record.geo_country,
    record.geo_city,
    record.geo_latitude,
    record.asn_number,
    record.asn_org,
    maxmind?.city,
    maxmind?.latitude,
    maxmind?.asn,
    maxmind?.asn_org,
    maxmind?.database_build?.slice(0, 10),
  ].join("|");
}

function isTold({ city, asn, coverage }: WorldAddress): boolean {
  return coverage === "full" && city?.place?.city !== undefined && asn?.number !== undefined;
}

/** What an update is checked by stays as it is. */
function isCanary({ network }: WorldAddress): boolean {
  return network === "8.8.8.0/24";
}

function describeEntry(entry: WorldAddress, text: string): ChaosAddress {
  return { text, facts: { old: factsOf(entry, "old"), new: factsOf(changeEntry(entry), "new") } };
}

function factsOf({ city, asn }: WorldAddress, release: ReleaseName): string {
  const place = city!.place!;
  const name = place.city!.names.en ?? null;
  return describeFacts({
    geo_country: place.country,
    geo_city: name,
    geo_latitude: place.latitude,
    asn_number: asn!.number!,
    asn_org: asn!.org ?? null,
    enrichment: {
      maxmind: {
        city: name,
        latitude: place.latitude,
        asn: asn!.number!,
        asn_org: asn!.org ?? null,
        database_build: new Date(BUILDS[release] * 1_000).toISOString(),
      },
    },
  });
}

function changeEntry(entry: WorldAddress): WorldAddress {
  const { city, asn } = entry;
  if (!isTold(entry) || isCanary(entry)) return entry;
  const place = city!.place!;
  const names = { ...place.city!.names, en: `New ${place.city!.names.en}` };
  return {
    ...entry,
    city: { ...city!, place: { ...place, city: { ...place.city!, names }, latitude: place.latitude / 2 } },
    asn: { number: asn!.number! + 100_000, org: `New ${asn!.org}` },
  };
}
