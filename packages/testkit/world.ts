import { formatAddress, formatNetwork, maskAddress, parseAddress } from "./address.ts";
import { type Carrier, type CarrierCoverage, CARRIERS } from "./world_carriers.ts";
import { WORLD_PLACES, type WorldPlace } from "./world_places.ts";

/** What MaxMind's ASN edition holds; either field may be missing, as in the real one. */
export interface WorldAsn {
  readonly number?: number;
  readonly org?: string;
}

/** What MaxMind's City edition holds. `place` is null in a record that knows the registered country only. */
export interface WorldCity {
  readonly place: WorldPlace | null;
  readonly registeredCountry: string;
}

/** One row of Team Cymru's answer. */
export interface WorldOrigin {
  readonly asn: number;
  /** As `ADDRESS/LENGTH`. */
  readonly prefix: string;
  readonly countryCode: string;
  readonly registry: string;
  /** `YYYY-MM-DD`. */
  readonly allocated: string;
  /** With its country, as `GOOGLE - Google LLC, US`. Letters beyond ASCII travel as Latin-1. */
  readonly asName: string;
}

/** GreyNoise's 200 answer. */
export interface WorldNoise {
  readonly noise: boolean;
  readonly riot: boolean;
  readonly classification: "malicious" | "benign" | "unknown";
  readonly name: string;
  /** `YYYY-MM-DD`. */
  readonly lastSeen: string;
}

/** All that is true of one address in the synthetic world. */
export interface WorldAddress {
  /** Canonical spelling. */
  readonly address: string;
  readonly version: 4 | 6;
  /** What the sources know about the address's carrier; `derived` for addresses outside the table. */
  readonly coverage: CarrierCoverage | "derived";
  /** The network that the editions hold a record for: a /24 or a /48. */
  readonly network: string;
  /** Null: not in the City edition. */
  readonly city: WorldCity | null;
  /** Null: not in the ASN edition. */
  readonly asn: WorldAsn | null;
  /** Empty: Team Cymru says NA (whois) or NXDOMAIN (DNS). */
  readonly origins: readonly WorldOrigin[];
  /** Null: never seen, a 404. Always null for IPv6, which GreyNoise refuses. */
  readonly noise: WorldNoise | null;
}

/** What a cascade without failures must find out about an address. */
export interface WorldTruth {
  readonly countryCode: string | null;
  readonly city: string | null;
  readonly asnNumber: number | null;
  readonly asnSource: "maxmind" | "cymru" | null;
  readonly noise: boolean;
  readonly riot: boolean;
}

const IPV4_HOSTS = 5;
const IPV6_HOSTS = 2;
const SECOND_ORIGIN = 64_512 - 1_000;

/** Every address of the truth table, IPv4 first. */
export const WORLD: readonly WorldAddress[] = [
  ...wellKnownAddresses(),
  ...CARRIERS.flatMap((carrier) => ipv4Hosts(carrier)),
  ...CARRIERS.flatMap((carrier) => ipv6Hosts(carrier)),
].sort((a, b) => a.version - b.version);

const BY_ADDRESS = new Map(WORLD.map((entry) => [entry.address, entry]));
const BY_NETWORK = new Map(WORLD.map((entry) => [entry.network, entry]));

/** Addresses that no source may be asked about. */
export const LOCAL_ADDRESSES: readonly string[] = [
  "10.0.0.1",
  "172.16.4.20",
  "192.168.1.1",
  "127.0.0.1",
  "169.254.10.10",
  "100.64.0.7",
  "192.0.2.44",
  "198.51.100.7",
  "203.0.113.99",
  "224.0.0.251",
  "240.0.0.1",
  "255.255.255.255",
  "0.0.0.0",
  "::",
  "::1",
  "fe80::1",
  "fc00::1",
  "ff02::1",
  "2001:db8::1",
];

/** The table's addresses with a given coverage. */
export function listWorld(coverage: WorldAddress["coverage"]): readonly WorldAddress[] {
  return WORLD.filter((entry) => entry.coverage === coverage);
}

/**
 * Everything about any address. One outside the table gets the City and ASN records of its network, if the
 * table has that network, an answer of Team Cymru derived from a hash of the address, and nothing of GreyNoise.
 * Throws a `TypeError` when the text is no address.
 */
export function describeAddress(text: string): WorldAddress {
  const bytes = unmap(parseAddress(text));
  const address = formatAddress(bytes);
  const known = BY_ADDRESS.get(address);
  if (known !== undefined) return known;
  const version = bytes.length === 4 ? 4 : 6;
  const network = formatNetwork(bytes, version === 4 ? 24 : 48);
  const neighbour = BY_NETWORK.get(network);
  if (neighbour !== undefined) return { ...neighbour, address, noise: null };
  return {
    address,
    version,
    coverage: "derived",
    network,
    city: null,
    asn: null,
    origins: isLocal(bytes) ? [] : [derivedOrigin(bytes)],
    noise: null,
  };
}

/** What a cascade without failures must find out about an address. */
export function truthOf(text: string): WorldTruth {
  const { city, asn, origins, noise } = describeAddress(text);
  const best = bestOrigin(origins);
  return {
    countryCode: city?.place?.country ?? null,
    city: city?.place?.city?.names.en ?? null,
    asnNumber: asn?.number ?? best?.asn ?? null,
    asnSource: asn?.number !== undefined ? "maxmind" : best === null ? null : "cymru",
    noise: noise?.noise ?? false,
    riot: noise?.riot ?? false,
  };
}

/** The row that counts among several: the longest prefix, then the lowest AS number; null without rows. */
export function bestOrigin(origins: readonly WorldOrigin[]): WorldOrigin | null {
  const lengthOf = (origin: WorldOrigin) => Number(origin.prefix.split("/")[1]);
  return [...origins].sort((a, b) => lengthOf(b) - lengthOf(a) || a.asn - b.asn)[0] ?? null;
}

/** Every AS that Team Cymru can name, with its registration. */
export function findAutonomousSystem(asn: number): Omit<WorldOrigin, "prefix"> | null {
  for (const { origins } of WORLD) {
    const origin = origins.find((candidate) => candidate.asn === asn);
    if (origin !== undefined) return origin;
  }
  return asn >= 64_512 && asn < 64_512 + DERIVED_SYSTEMS ? derivedSystem(asn) : null;
}

const DERIVED_SYSTEMS = 1_000;
const DERIVED_COUNTRIES = ["US", "DE", "NL", "FR", "GB", "JP", "BR", "IN"];

function derivedSystem(asn: number): Omit<WorldOrigin, "prefix"> {
  const countryCode = DERIVED_COUNTRIES[asn % DERIVED_COUNTRIES.length]!;
  return {
    asn,
    countryCode,
    registry: countryCode === "US" ? "arin" : "ripencc",
    allocated: "2001-02-03",
    asName: `EXAMPLE-${asn} Example Networks, ${countryCode}`,
  };
}

function derivedOrigin(bytes: Uint8Array): WorldOrigin {
  const length = bytes.length === 4 ? 24 : 32;
  const asn = 64_512 + hashBytes(maskAddress(bytes, length)) % DERIVED_SYSTEMS;
  return { ...derivedSystem(asn), prefix: formatNetwork(bytes, length) };
}

/** FNV-1a over the bytes. */
function hashBytes(bytes: Uint8Array): number {
  return bytes.reduce((hash, byte) => Math.imul(hash ^ byte, 0x01000193) >>> 0, 0x811c9dc5);
}

function unmap(bytes: Uint8Array): Uint8Array {
  const mapped = bytes.length === 16 && bytes.subarray(0, 10).every((byte) => byte === 0) &&
    bytes[10] === 0xff && bytes[11] === 0xff;
  return mapped ? bytes.slice(12) : bytes;
}

function isLocal(bytes: Uint8Array): boolean {
  const [a = 0, b = 0, c = 0] = bytes;
  if (bytes.length === 16) {
    const high = (a << 8) | b;
    return high === 0 || (high >= 0xfc00 && high <= 0xfeff) || high >= 0xff00 ||
      (high === 0x2001 && c === 0x0d && bytes[3] === 0xb8);
  }
  return a === 0 || a === 10 || a === 127 || a >= 224 || (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 168) || (a === 169 && b === 254) || (a === 100 && b >= 64 && b < 128) ||
    (a === 192 && b === 0 && c === 2) || (a === 198 && b === 51 && c === 100) ||
    (a === 203 && b === 0 && c === 113);
}

function wellKnownAddresses(): WorldAddress[] {
  const google: WorldAsn = { number: 15169, org: "GOOGLE" };
  const googleOrigin = {
    asn: 15169,
    countryCode: "US",
    registry: "arin",
    asName: "GOOGLE - Google LLC, US",
  };
  const us: WorldCity = { place: WORLD_PLACES.us!, registeredCountry: "US" };
  return [
    {
      address: "8.8.8.8",
      version: 4,
      coverage: "full",
      network: "8.8.8.0/24",
      city: us,
      asn: google,
      origins: [{ ...googleOrigin, prefix: "8.8.8.0/24", allocated: "2023-12-28" }],
      noise: service("Google Public DNS"),
    },
    {
      address: "1.1.1.1",
      version: 4,
      coverage: "full",
      network: "1.1.1.0/24",
      city: { place: null, registeredCountry: "AU" },
      asn: { number: 13335, org: "CLOUDFLARENET" },
      origins: [{
        asn: 13335,
        prefix: "1.1.1.0/24",
        countryCode: "AU",
        registry: "apnic",
        allocated: "2011-08-11",
        asName: "CLOUDFLARENET - Cloudflare, Inc., US",
      }],
      noise: service("Cloudflare Public DNS"),
    },
    {
      address: "2001:4860:4860::8888",
      version: 6,
      coverage: "full",
      network: "2001:4860:4860::/48",
      city: us,
      asn: google,
      origins: [{ ...googleOrigin, prefix: "2001:4860::/32", allocated: "2005-03-14" }],
      noise: null,
    },
  ];
}

function ipv4Hosts(carrier: Carrier): WorldAddress[] {
  return Array.from({ length: IPV4_HOSTS }, (_, host) => {
    const third = (17 + host * 53 + carrier.asn) % 256;
    const fourth = 2 + (host * 61 + carrier.asn * 7) % 250;
    const address = `${carrier.ipv4}.${third}.${fourth}`;
    return {
      ...sourcesOf(carrier, { address, prefix: `${carrier.ipv4}.0.0/16`, host }),
      noise: noiseOf(carrier, host),
    };
  });
}

function ipv6Hosts(carrier: Carrier): WorldAddress[] {
  if (carrier.ipv6 === undefined) return [];
  return Array.from({ length: IPV6_HOSTS }, (_, host) => {
    const bytes = parseAddress(carrier.ipv6!);
    bytes.set([0x10 + host, 0x20 + host], 4);
    bytes.set([0xa0 + host, (carrier.asn & 0x7f) + 1], 14);
    const address = formatAddress(bytes);
    return { ...sourcesOf(carrier, { address, prefix: `${carrier.ipv6}/32`, host }), noise: null };
  });
}

interface Host {
  readonly address: string;
  /** The carrier's own network. */
  readonly prefix: string;
  readonly host: number;
}

function sourcesOf(carrier: Carrier, host: Host): Omit<WorldAddress, "noise"> {
  const { coverage, countryCode } = carrier;
  const bytes = parseAddress(host.address);
  const version = bytes.length === 4 ? 4 : 6;
  const place = WORLD_PLACES[carrier.places[host.host % carrier.places.length]!]!;
  const inCity = !["asn_only", "cymru_only", "unknown"].includes(coverage);
  const inAsn = ["full", "asn_only", "number_missing", "org_missing"].includes(coverage);
  return {
    address: host.address,
    version,
    coverage,
    network: formatNetwork(bytes, version === 4 ? 24 : 48),
    city: inCity ? { place, registeredCountry: countryCode } : null,
    asn: inAsn ? asnRecord(carrier) : null,
    origins: originsOf(carrier, host),
  };
}

function asnRecord({ coverage, asn, org }: Carrier): WorldAsn {
  if (coverage === "number_missing") return { org };
  if (coverage === "org_missing") return { number: asn };
  return { number: asn, org };
}

function originsOf(carrier: Carrier, { address, prefix }: Host): WorldOrigin[] {
  if (carrier.coverage === "unrouted" || carrier.coverage === "unknown") return [];
  const { asn, countryCode, registry, allocated, asName } = carrier;
  const origin = { asn, prefix, countryCode, registry, allocated, asName };
  // The other origin has the higher number, and comes first, so that neither order nor luck picks the right one.
  const other = { ...origin, asn: SECOND_ORIGIN + asn % 1_000, asName: `SECOND-${asName}` };
  if (carrier.coverage === "multi_origin") return [other, origin];
  if (carrier.coverage !== "multi_prefix") return [origin];
  const bytes = parseAddress(address);
  const fine = formatNetwork(bytes, bytes.length === 4 ? 22 : 40);
  return [origin, { ...other, prefix: fine }];
}

function service(name: string): WorldNoise {
  return { noise: false, riot: true, classification: "benign", name, lastSeen: "2026-11-21" };
}

function noiseOf({ activity, actor = "unknown" }: Carrier, host: number): WorldNoise | null {
  const seen = { noise: true, riot: false, lastSeen: `2026-11-${String(10 + host * 2).padStart(2, "0")}` };
  if (activity === "service") return service(actor);
  if (activity === "research") return { ...seen, classification: "benign", name: actor };
  if (activity === "scanner") {
    return { ...seen, classification: host === 3 ? "unknown" : "malicious", name: "unknown" };
  }
  if (activity === "quiet" || host % 2 === 1) return null;
  return { ...seen, classification: host === 2 ? "unknown" : "malicious", name: "unknown" };
}
