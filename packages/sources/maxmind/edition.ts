import { type EditionKind, EditionUnreadableError, findEditionKind, type IpAddress } from "@ipcascade/core";
import { ASN_SHAPE, type AsnFacts, readAsn } from "./asn.ts";
import { CITY_SHAPE, type CityFacts, readCity } from "./city.ts";
import { GenerationCache } from "./generation_cache.ts";
import { Mmdb, openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import type { MmdbShape, MmdbValue } from "./mmdb_value.ts";

/**
 * Facts kept per edition. An entry was measured at 160 bytes, so a full cache takes 64 and 32 MB; an edition with
 * fewer records than this is kept whole.
 */
export const MAX_KEPT_FACTS = { city: 400_000, asn: 200_000 } as const;

/** Damaged records kept, so that asking again costs no second try. */
const MAX_KEPT_FAILURES = 1_000;

/** An open edition that answers with facts. */
export interface OpenEdition<Facts> {
  /** What the file calls itself, such as `GeoLite2-City`. */
  readonly databaseType: string;
  /** Seconds since 1970 UTC. */
  readonly buildEpoch: number;
  /** The facts about an address, frozen and shared; null when there are none. Throws `MmdbCorruptError`. */
  find(address: IpAddress): Facts | null;
}

/** Opens a City edition. Throws `EditionUnreadableError`, also when it is one of another kind. */
export function openCity(
  database: Uint8Array | Mmdb,
  maxKept: number = MAX_KEPT_FACTS.city,
): OpenEdition<CityFacts> {
  return new KeepingEdition(openKind("city", database), CITY_SHAPE, readCity, maxKept);
}

/** Opens an ASN edition. Throws `EditionUnreadableError`, also when it is one of another kind. */
export function openAsn(
  database: Uint8Array | Mmdb,
  maxKept: number = MAX_KEPT_FACTS.asn,
): OpenEdition<AsnFacts> {
  return new KeepingEdition(openKind("asn", database), ASN_SHAPE, readAsn, maxKept);
}

/** Tells whether a database of this type can serve as that kind of edition. */
export function isEditionOfKind(kind: EditionKind, databaseType: string): boolean {
  return findEditionKind(databaseType) === kind;
}

function openKind(kind: EditionKind, database: Uint8Array | Mmdb): Mmdb {
  const mmdb = database instanceof Mmdb ? database : openMmdb(database);
  const { databaseType } = mmdb.metadata;
  if (isEditionOfKind(kind, databaseType)) return mmdb;
  throw new EditionUnreadableError(`Cannot use "${databaseType}" as ${kind} edition: it is of another kind`);
}

/** Decodes the record at an offset once, while it is kept. */
class KeepingEdition<Facts> implements OpenEdition<Facts> {
  readonly #mmdb: Mmdb;
  readonly #shape: MmdbShape;
  readonly #readFacts: (record: MmdbValue) => Facts | null;
  readonly #kept: GenerationCache<Facts | null>;
  readonly #failures = new GenerationCache<MmdbCorruptError>(MAX_KEPT_FAILURES);

  constructor(mmdb: Mmdb, shape: MmdbShape, readFacts: (record: MmdbValue) => Facts | null, maxKept: number) {
    this.#mmdb = mmdb;
    this.#shape = shape;
    this.#readFacts = readFacts;
    this.#kept = new GenerationCache(maxKept);
  }

  get databaseType(): string {
    return this.#mmdb.metadata.databaseType;
  }

  get buildEpoch(): number {
    return this.#mmdb.metadata.buildEpoch;
  }

  find(address: IpAddress): Facts | null {
    const offset = this.#mmdb.findDataOffset(address);
    if (offset < 0) return null;
    const kept = this.#kept.find(offset);
    return kept === undefined ? this.#decode(offset) : kept;
  }

  #decode(offset: number): Facts | null {
    const failure = this.#failures.find(offset);
    if (failure !== undefined) throw failure;
    try {
      const facts = this.#readFacts(this.#mmdb.decode(offset, this.#shape));
      this.#kept.keep(offset, facts);
      return facts;
    } catch (error) {
      if (error instanceof MmdbCorruptError) this.#failures.keep(offset, error);
      throw error;
    }
  }
}
