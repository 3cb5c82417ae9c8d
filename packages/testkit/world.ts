import { formatAddress, formatNetwork, maskAddress, parseAddress } from "./address.ts";
import { WORLD } from "./world_table.ts";
import type { WorldAddress, WorldOrigin, WorldTruth } from "./world_types.ts";

export { WORLD };
export type {
  WorldAddress,
  WorldAsn,
  WorldCity,
  WorldNoise,
  WorldOrigin,
  WorldTruth,
} from "./world_types.ts";

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
