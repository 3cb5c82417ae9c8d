import {
  type AsnCount,
  type CountryCount,
  type CoverageFigures,
  type CoverageQuota,
  SCANNER_CLASSES,
} from "@ipcascade/core";

/** Thrown when a kept document is not what the product writes; says where. */
export class DocumentError extends Error {
  override readonly name = "DocumentError";
}

type Fields = Readonly<Record<string, unknown>>;

const PERIODS = ["day", "week", "month"] as const;
const ORIGINS = ["setting", "provider", "operator"] as const;

/** Reads the figures of a snapshot. Throws `DocumentError`. */
export function readFigures(document: unknown): CoverageFigures {
  const fields = readFields(document, "figures");
  const figures = {
    ...readCounts(fields, [
      "rows",
      "addresses",
      "ipv4",
      "withAsn",
      "withCountry",
      "scanners",
      "riot",
      "asns",
    ]),
    asnSources: readCounts(readFields(fields.asnSources, "asnSources"), ["maxmind", "cymru", "unknown"]),
    classes: readCounts(readFields(fields.classes, "classes"), SCANNER_CLASSES),
    countries: readList(fields.countries, "countries").map(readCountry),
    topAsns: readList(fields.topAsns, "topAsns").map(readAsn),
    stale: readCounts(readFields(fields.stale, "stale"), [
      "cymru",
      "greynoise",
      "neverEnriched",
      "neverAskedGreynoise",
    ]),
  };
  const { rows, addresses, ipv4, withAsn, withCountry, scanners, riot } = figures;
  if (Math.max(ipv4, withAsn, withCountry, scanners, riot) > addresses || addresses > rows) {
    throw new DocumentError("parts are more than the whole");
  }
  return figures;
}

/** Reads the quota of a snapshot. Throws `DocumentError`. */
export function readQuota(document: unknown): CoverageQuota {
  const fields = readFields(document, "quota");
  return {
    ...readCounts(fields, ["limit", "used", "remaining", "startsAt", "endsAt"]),
    period: readWord(fields, "period", PERIODS),
    origin: readWord(fields, "origin", ORIGINS),
  };
}

function readFields(value: unknown, name: string): Fields {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
  throw new DocumentError(`"${name}" is no object`);
}

function readList(value: unknown, name: string): readonly Fields[] {
  if (Array.isArray(value)) return value.map((one) => readFields(one, name));
  throw new DocumentError(`"${name}" is no list`);
}

function readCounts<Name extends string>(
  fields: Fields,
  names: readonly Name[],
): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name) => [name, readCount(fields, name)])) as Record<Name, number>;
}

function readCount(fields: Fields, name: string): number {
  const value = fields[name];
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new DocumentError(`"${name}" is no count`);
}

function readText(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value === "string") return value;
  throw new DocumentError(`"${name}" is no text`);
}

function readWord<Word extends string>(fields: Fields, name: string, words: readonly Word[]): Word {
  const word = words.find((one) => one === fields[name]);
  if (word !== undefined) return word;
  throw new DocumentError(`"${name}" is none of ${words.join(", ")}`);
}

function readCountry(fields: Fields): CountryCount {
  return { country: readText(fields, "country"), addresses: readCount(fields, "addresses") };
}

function readAsn(fields: Fields): AsnCount {
  return {
    number: readCount(fields, "number"),
    org: fields.org === null ? null : readText(fields, "org"),
    addresses: readCount(fields, "addresses"),
  };
}
