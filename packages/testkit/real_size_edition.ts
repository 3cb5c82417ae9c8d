import { continentRecord, countryRecord, editionRecord } from "./edition_records.ts";
import { FakeRandom } from "./fake_random.ts";
import type { MmdbValue } from "./mmdb_data.ts";
import { type MmdbRecordId, MmdbWriter } from "./mmdb_writer.ts";
import { WORLD } from "./world.ts";
import { WORLD_COUNTRIES, WORLD_PLACES } from "./world_places.ts";

interface Scale {
  readonly recordSize: 24 | 28;
  /** Chance that an IPv4 network is split once more, by prefix length; 0 beyond the list. */
  readonly splits: readonly number[];
  readonly ipv6Networks: number;
  /** Share of networks without record. */
  readonly gaps: number;
}

// Tuned so that sizes and node counts come near those of MaxMind's releases of 2026.
const CITY_SCALE: Scale = {
  recordSize: 28,
  splits: [
    ...always(14),
    0.96,
    0.89,
    0.8,
    0.82,
    0.8,
    0.78,
    0.79,
    0.75,
    0.64,
    0.58,
    0.44,
    0.4,
    0.36,
    0.35,
    0.3,
  ],
  ipv6Networks: 250_000,
  gaps: 0.02,
};
const ASN_SCALE: Scale = {
  recordSize: 24,
  splits: [...always(12), 0.94, 0.89, 0.83, 0.83, 0.66, 0.68, 0.7, 0.7, 0.73, 0.68, 0.54, 0.44],
  ipv6Networks: 60_000,
  gaps: 0.02,
};
const CITIES = 30_000;
const CITY_RECORDS = 300_000;
const SYSTEMS = 78_000;
/** Neighbours mostly share a country: records are drawn from a window that moves with the address. */
const WINDOW = 600;

function always(levels: number): number[] {
  return new Array<number>(levels).fill(1);
}

/** Builds an edition of MaxMind's size from a fixed seed, with the world's own records on top. */
export function buildRealSizeEdition(
  id: "GeoLite2-City" | "GeoLite2-ASN",
  buildEpoch: number | Date,
): Uint8Array {
  const random = new FakeRandom(id === "GeoLite2-City" ? 20_261_120 : 15_169);
  const scale = id === "GeoLite2-City" ? CITY_SCALE : ASN_SCALE;
  const writer = new MmdbWriter({ databaseType: id, recordSize: scale.recordSize, buildEpoch });
  const records = id === "GeoLite2-City" ? addCityRecords(writer, random) : addAsnRecords(writer, random);
  insertIpv4Networks(writer, { records, random, scale });
  insertIpv6Networks(writer, { records, random, scale });
  for (const entry of WORLD) {
    const record = editionRecord(id, entry);
    if (record !== null) writer.insert(entry.network, record);
  }
  return writer.toBytes();
}

interface NetworkSource {
  readonly records: readonly MmdbRecordId[];
  readonly random: FakeRandom;
  readonly scale: Scale;
}

function insertIpv4Networks(writer: MmdbWriter, { records, random, scale }: NetworkSource): void {
  const stack: number[] = [0, 0];
  while (stack.length > 0) {
    const length = stack.pop()!;
    const address = stack.pop()!;
    if (length >= 3 && address >= 0xe0000000) continue;
    if (length >= 8 && (address >>> 24 === 0 || address >>> 24 === 10 || address >>> 24 === 127)) continue;
    if (random.next() < (scale.splits[length] ?? 0)) {
      stack.push((address + 2 ** (31 - length)) >>> 0, length + 1, address, length + 1);
    } else if (random.next() >= scale.gaps) {
      const start = Math.floor(address / 2 ** 32 * (records.length - WINDOW));
      writer.insertIpv4(address, length, records[start + random.below(WINDOW)]!);
    }
  }
}

function insertIpv6Networks(writer: MmdbWriter, { records, random, scale }: NetworkSource): void {
  const heads = [
    0x2001,
    0x2400,
    0x2404,
    0x2600,
    0x2604,
    0x2800,
    0x2a00,
    0x2a01,
    0x2a02,
    0x2a03,
    0x2a0e,
    0x2c0f,
  ];
  for (let count = 0; count < scale.ipv6Networks; count++) {
    const bytes = new Uint8Array(16);
    const view = new DataView(bytes.buffer);
    view.setUint16(0, random.pick(heads));
    view.setUint16(2, random.below(6000));
    const length = random.pick([32, 36, 40, 44, 48]);
    view.setUint16(4, length === 32 ? 0 : (random.below(0x10000) >>> (48 - length)) << (48 - length));
    writer.insertRecord(bytes, length, random.pick(records));
  }
}

function addAsnRecords(writer: MmdbWriter, random: FakeRandom): MmdbRecordId[] {
  return Array.from({ length: SYSTEMS }, (_, index) =>
    writer.addRecord({
      autonomous_system_number: 1 + index * 5 + random.below(5),
      autonomous_system_organization: `${inventName(random)} ${inventName(random)} ${
        random.pick(LEGAL_FORMS)
      }`,
    }));
}

function addCityRecords(writer: MmdbWriter, random: FakeRandom): MmdbRecordId[] {
  const countries = sharedCountries();
  const zones = Object.fromEntries(
    Object.values(WORLD_PLACES).map((place) => [place.country, place.timeZone]),
  );
  const records: MmdbRecordId[] = [];
  for (let index = 0; index < CITIES; index++) {
    const code = countries.codes[Math.floor(index / CITIES * countries.codes.length)]!;
    const name = inventName(random);
    const city = Object.freeze({ geoname_id: 2_000_000 + index * 7, names: { en: name, de: `${name}au` } });
    const subdivisions = Object.freeze([Object.freeze({
      geoname_id: 1_000_000 + index % 900,
      iso_code: String(index % 90),
      names: { en: `Region ${index % 900}` },
    })]);
    const common = {
      city: random.next() < 0.1 ? undefined : city,
      continent: countries.continents[code],
      country: countries.records[code],
      registered_country: countries.records[random.next() < 0.95 ? code : random.pick(countries.codes)],
      subdivisions,
    };
    for (const record of variants(random, zones[code] ?? "UTC")) {
      records.push(writer.addRecord({ ...common, ...record }));
    }
  }
  return records;
}

/** The records of one city: a few places in it, each with some postal codes. */
function variants(random: FakeRandom, timeZone: string): MmdbMap[] {
  const latitude = Math.round((random.next() * 120 - 55) * 1e4) / 1e4;
  const longitude = Math.round((random.next() * 340 - 170) * 1e4) / 1e4;
  const locations = [5, 20, 100].map((radius) =>
    Object.freeze({
      accuracy_radius: radius,
      latitude: latitude + radius / 1e4,
      longitude,
      time_zone: timeZone,
    })
  );
  return Array.from({ length: CITY_RECORDS / CITIES }, (_, index) => ({
    location: locations[index % 3]!,
    postal: index === 0 ? undefined : { code: String(10_000 + random.below(89_999)) },
  }));
}

type MmdbMap = Readonly<Record<string, MmdbValue | undefined>>;

interface SharedCountries {
  readonly codes: readonly string[];
  readonly records: Readonly<Record<string, MmdbValue>>;
  readonly continents: Readonly<Record<string, MmdbValue | undefined>>;
}

function sharedCountries(): SharedCountries {
  const codes = Object.keys(WORLD_COUNTRIES);
  return {
    codes,
    records: Object.fromEntries(codes.map((code) => [code, Object.freeze(countryRecord(code))])),
    continents: Object.fromEntries(codes.map((code) => [code, Object.freeze(continentRecord(code))])),
  };
}

const SYLLABLES = [
  "ba",
  "den",
  "kor",
  "li",
  "mar",
  "no",
  "pe",
  "ras",
  "sil",
  "ta",
  "ul",
  "ven",
  "wes",
  "zo",
  "hei",
];
const LEGAL_FORMS = ["GmbH", "LLC", "Ltd.", "S.A.", "B.V.", "Inc.", "Networks", "Telecom", "University"];

function inventName(random: FakeRandom): string {
  const word = Array.from({ length: 2 + random.below(3) }, () => random.pick(SYLLABLES)).join("");
  return word[0]!.toUpperCase() + word.slice(1);
}
