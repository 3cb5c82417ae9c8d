import type { CarrierCoverage } from "./world_carriers.ts";
import type { WorldPlace } from "./world_places.ts";

/** What MaxMind's ASN edition holds; either field may be missing, as in the real one. */
export interface WorldAsn {
  /** AS number. */
  readonly number?: number;
  /** Organisation. */
  readonly org?: string;
}

/** What MaxMind's City edition holds. `place` is null in a record that knows the registered country only. */
export interface WorldCity {
  /** Null in a record without a place. */
  readonly place: WorldPlace | null;
  /** ISO alpha-2. */
  readonly registeredCountry: string;
}

/** One row of Team Cymru's answer. */
export interface WorldOrigin {
  /** AS number. */
  readonly asn: number;
  /** As `ADDRESS/LENGTH`. */
  readonly prefix: string;
  /** ISO alpha-2, or null. */
  readonly countryCode: string;
  /** `arin`, `ripencc`, `apnic`, `lacnic` or `afrinic`. */
  readonly registry: string;
  /** `YYYY-MM-DD`. */
  readonly allocated: string;
  /** With its country, as `GOOGLE - Google LLC, US`. Letters beyond ASCII travel as Latin-1. */
  readonly asName: string;
}

/** GreyNoise's 200 answer. */
export interface WorldNoise {
  /** It scans the internet. */
  readonly noise: boolean;
  /** It belongs to a known service. */
  readonly riot: boolean;
  /** What the scanning is for. */
  readonly classification: "malicious" | "benign" | "unknown";
  /** Who it is, or `unknown`. */
  readonly name: string;
  /** `YYYY-MM-DD`. */
  readonly lastSeen: string;
}

/** All that is true of one address in the synthetic world. */
export interface WorldAddress {
  /** Canonical spelling. */
  readonly address: string;
  /** IP version. */
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
  /** ISO alpha-2, or null. */
  readonly countryCode: string | null;
  /** Name in English, or null. */
  readonly city: string | null;
  /** AS number, or null. */
  readonly asnNumber: number | null;
  /** Who told it. */
  readonly asnSource: "maxmind" | "cymru" | null;
  /** It scans the internet. */
  readonly noise: boolean;
  /** It belongs to a known service. */
  readonly riot: boolean;
}
