import type { OutcomeStatus, SourceName } from "./outcome.ts";
import type { Scope } from "./scope.ts";

/** Version of the `enrichment` document, kept in `_meta.version`. */
export const ENRICHMENT_VERSION = 1;

/** What MaxMind said, as stored in `enrichment.maxmind`. Builds and times are RFC 3339 UTC. */
export interface MaxmindAnswer {
  readonly country_code: string | null;
  readonly country_name: string | null;
  readonly city: string | null;
  readonly latitude: number | null;
  readonly longitude: number | null;
  /** Kilometres. */
  readonly accuracy_radius: number | null;
  readonly asn: number | null;
  readonly asn_org: string | null;
  /** Build time of the City edition, or of the ASN edition where there is no City edition. */
  readonly database_build: string;
  readonly checked_at: string;
}

/** What Team Cymru said, as stored in `enrichment.cymru`. The country is the registry's, not the host's. */
export interface CymruAnswer {
  readonly asn: number;
  /** Every origin AS of every announced prefix, ascending. */
  readonly asns: readonly number[];
  readonly asn_org: string | null;
  readonly country_code: string | null;
  readonly registry: string | null;
  readonly prefix: string | null;
  /** Date of the allocation, `YYYY-MM-DD`. */
  readonly allocated: string | null;
  readonly checked_at: string;
}

/** What GreyNoise said, as stored in `enrichment.greynoise`. Never seen is `noise` and `riot` both false. */
export interface GreynoiseAnswer {
  readonly noise: boolean;
  readonly riot: boolean;
  readonly classification: string | null;
  readonly name: string | null;
  /** Date, `YYYY-MM-DD`, as GreyNoise gives it. */
  readonly last_seen: string | null;
  readonly checked_at: string;
}

/** The provenance of one source in `enrichment._meta.sources`. */
export interface SourceProvenance {
  readonly outcome: OutcomeStatus;
  readonly reason?: string;
  readonly checked_at: string;
  readonly duration_ms: number;
  /** When a skipped source may be asked again, where that is known. */
  readonly until?: string;
}

/** The `enrichment` column and the record's field of that name: one object per source, plus `_meta`. */
export interface Enrichment {
  readonly maxmind?: MaxmindAnswer;
  readonly cymru?: CymruAnswer;
  readonly greynoise?: GreynoiseAnswer;
  readonly address: { readonly scope: Scope };
  readonly _meta: {
    readonly version: number;
    readonly sources: Readonly<Partial<Record<SourceName, SourceProvenance>>>;
  };
}
