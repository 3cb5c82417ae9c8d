/** The two kinds of edition that the product uses. */
export const EDITION_KINDS = ["city", "asn"] as const;
/** One of the kinds. */
export type EditionKind = (typeof EDITION_KINDS)[number];

/** Where editions come from; `adopted` ones lay in the directory already, as geoipupdate leaves them. */
export type EditionOrigin = EditionProviderName | "adopted";
/** The providers that can be asked for editions. */
export type EditionProviderName = "maxmind" | "dbip" | "mirror";

/** One database of a set, as the set's manifest describes it. Instants are RFC 3339 UTC. */
export interface EditionManifest {
  /** What was asked for, such as `GeoLite2-City`. */
  readonly edition_id: string;
  readonly kind: EditionKind;
  /** Name of the file within the set. */
  readonly file: string;
  /** What the database calls itself. */
  readonly database_type: string;
  /** Seconds since 1970 UTC. */
  readonly build_epoch: number;
  readonly size_bytes: number;
  /** Hexadecimal, of the database. */
  readonly sha256: string;
  /** Hexadecimal, of the database: what MaxMind's metadata compares. */
  readonly md5: string;
  /** The provider's name for the release: equal releases have equal names. */
  readonly release: string;
  /** What the provider said in `Last-Modified`; null when it said nothing. */
  readonly modified_at: string | null;
  /** Networks that have a record. */
  readonly networks: number;
}

/** A set of editions that serve together. Complete once it has a manifest; never changed afterwards. */
export interface EditionSet {
  readonly format: 1;
  /** Sorts by time: `20261125-041500-1a2b3c4d`. */
  readonly id: string;
  readonly provider: EditionOrigin;
  readonly created_at: string;
  /** City before ASN; one of each kind at most, at least one in all. */
  readonly editions: readonly EditionManifest[];
  /** What verification said before the set was installed. */
  readonly verification: {
    readonly verified_at: string;
    readonly duration_ms: number;
    /** Warnings that did not keep the set from being installed. */
    readonly warnings: readonly string[];
  };
}

/** Edition ids or types of database by kind. `GeoIP2-ISP` has the fields of an ASN edition, and some more. */
const KIND_PATTERNS: Readonly<Record<EditionKind, RegExp>> = { city: /City/i, asn: /ASN|ISP/i };

/** The kind that an edition id or a database type names; null for one that the product has no use for. */
export function findEditionKind(name: string): EditionKind | null {
  return EDITION_KINDS.find((kind) => KIND_PATTERNS[kind].test(name)) ?? null;
}

/** Terms under which a database may be used. */
export interface EditionLicence {
  /** What has to be shown wherever results are shown. */
  readonly attribution: string;
  /** Days after a newer release by which a copy must be gone; null when it may be kept. */
  readonly destroyAfterDays: number | null;
}

/** GeoLite EULA of 2026-02; DB-IP Lite's CC BY 4.0. */
const LICENCES: readonly { readonly type: RegExp; readonly licence: EditionLicence }[] = [
  {
    type: /^(GeoLite2|GeoIP2)-/,
    licence: {
      attribution: "GeoLite2 data created by MaxMind, available from https://www.maxmind.com",
      destroyAfterDays: 30,
    },
  },
  {
    type: /^DBIP-/i,
    licence: { attribution: "IP Geolocation by DB-IP, https://db-ip.com", destroyAfterDays: null },
  },
];

/** The licence of a type of database; null when none is known, as for one's own. */
export function findEditionLicence(databaseType: string): EditionLicence | null {
  return LICENCES.find(({ type }) => type.test(databaseType))?.licence ?? null;
}
