import { formatAddress, formatNetwork, parseAddress } from "./address.ts";
import { type Carrier, CARRIERS } from "./world_carriers.ts";
import { WORLD_PLACES } from "./world_places.ts";
import type { WorldAddress, WorldAsn, WorldCity, WorldNoise, WorldOrigin } from "./world_types.ts";

const IPV4_HOSTS = 5;
const IPV6_HOSTS = 2;
const SECOND_ORIGIN = 64_512 - 1_000;

/** Every address of the truth table, IPv4 first. */
export const WORLD: readonly WorldAddress[] = [
  ...wellKnownAddresses(),
  ...CARRIERS.flatMap((carrier) => ipv4Hosts(carrier)),
  ...CARRIERS.flatMap((carrier) => ipv6Hosts(carrier)),
].sort((a, b) => a.version - b.version);

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
