import {
  DAMAGED_RECORD,
  type EditionKind,
  EditionUnreadableError,
  findEditionKind,
  type IpAddress,
  mappedIpv4,
  parseIpv4,
  parseIpv6,
} from "@ipcascade/core";
import { ASN_FIELDS, type AsnFacts, readAsn } from "./asn.ts";
import { CITY_FIELDS, type CityFacts, readCity } from "./city.ts";
import { OffsetCache } from "./offset_cache.ts";
import { Mmdb, openMmdb } from "./mmdb.ts";
import type { MmdbField } from "./field.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import type { MmdbFieldReader } from "./mmdb_field_reader.ts";
import type { MmdbPath } from "./mmdb_value.ts";

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
  /** The same for the 32 bits of an IPv4 address. */
  findIpv4(bits: number): Facts | null;
  /** The same for the eight groups of an IPv6 address. */
  findIpv6(groups: readonly number[]): Facts | null;
  /** The same for a text, of an IPv4 address without allocating; undefined when it is no address. */
  findText(text: string): Facts | null | undefined;
  /**
   * The same for many texts: `found[i]` becomes what `findText(texts[i])` gives, or the error that it throws. Twice
   * as fast, as the steps of several look-ups go on at the same time in the processor.
   */
  findTexts(texts: readonly string[], found: Found<Facts>[]): void;
}

/** What a look-up of many gives for one: facts, null without, undefined for what is no address, or what is damaged. */
export type Found<Facts> = Facts | null | undefined | MmdbCorruptError;

/** Opens a City edition. Throws `EditionUnreadableError`, also when it is one of another kind. */
export function openCity(
  database: Uint8Array | Mmdb,
  maxKept: number = MAX_KEPT_FACTS.city,
): OpenEdition<CityFacts> {
  return new KeepingEdition(openKind("city", database), CITY_FIELDS, readCity, maxKept);
}

/** Opens an ASN edition. Throws `EditionUnreadableError`, also when it is one of another kind. */
export function openAsn(
  database: Uint8Array | Mmdb,
  maxKept: number = MAX_KEPT_FACTS.asn,
): OpenEdition<AsnFacts> {
  return new KeepingEdition(openKind("asn", database), ASN_FIELDS, readAsn, maxKept);
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

/** Texts that are looked up side by side: what is known of them stays in the fastest cache. */
export const LOOKUP_STEP = 256;

/** What a look-up gives, or the damage that it throws. */
export function orDamage<Result>(find: () => Result): Result | MmdbCorruptError {
  try {
    return find();
  } catch (error) {
    if (error instanceof MmdbCorruptError) return error;
    throw error;
  }
}

/** Decodes the record at an offset once, while it is kept. */
class KeepingEdition<Facts> implements OpenEdition<Facts> {
  readonly #mmdb: Mmdb;
  readonly #fields: MmdbFieldReader;
  readonly #readFacts: (fields: readonly MmdbField[]) => Facts | null;
  readonly #kept: OffsetCache<Facts | null>;
  readonly #parsed = new Float64Array(LOOKUP_STEP);
  readonly #bits = new Uint32Array(LOOKUP_STEP);
  readonly #offsets = new Int32Array(LOOKUP_STEP);
  readonly #failures = new OffsetCache<MmdbCorruptError>(MAX_KEPT_FAILURES);

  constructor(
    mmdb: Mmdb,
    paths: readonly MmdbPath[],
    readFacts: (fields: readonly MmdbField[]) => Facts | null,
    maxKept: number,
  ) {
    this.#mmdb = mmdb;
    this.#fields = mmdb.openFields(paths);
    this.#readFacts = readFacts;
    this.#kept = new OffsetCache(maxKept);
  }

  get databaseType(): string {
    return this.#mmdb.metadata.databaseType;
  }

  get buildEpoch(): number {
    return this.#mmdb.metadata.buildEpoch;
  }

  find(address: IpAddress): Facts | null {
    return this.#factsAt(this.#mmdb.findDataOffset(address));
  }

  findIpv4(bits: number): Facts | null {
    return this.#factsAt(this.#mmdb.findIpv4Offset(bits));
  }

  findIpv6(groups: readonly number[]): Facts | null {
    const mapped = mappedIpv4(groups);
    return mapped >= 0 ? this.findIpv4(mapped) : this.#factsAt(this.#mmdb.findIpv6Offset(groups));
  }

  findText(text: string): Facts | null | undefined {
    const bits = parseIpv4(text);
    if (bits >= 0) return this.findIpv4(bits);
    const groups = parseIpv6(text);
    return groups === null ? undefined : this.findIpv6(groups);
  }

  findTexts(texts: readonly string[], found: Found<Facts>[]): void {
    for (let start = 0; start < texts.length; start += LOOKUP_STEP) this.#findStep(texts, start, found);
  }

  #findStep(texts: readonly string[], start: number, found: Found<Facts>[]): void {
    const [bits, offsets] = [this.#bits, this.#offsets];
    const count = Math.min(LOOKUP_STEP, texts.length - start);
    for (let i = 0; i < count; i++) bits[i] = this.#parsed[i] = parseIpv4(texts[start + i]!);
    this.#mmdb.findIpv4Offsets(bits, count, offsets);
    for (let i = 0; i < count; i++) {
      // Of what is no IPv4 address the offset is that of other bits.
      const isOther = this.#parsed[i]! < 0 || offsets[i] === DAMAGED_RECORD;
      found[start + i] = isOther ? this.#tryText(texts[start + i]!) : this.#tryFacts(offsets[i]!);
    }
  }

  #tryText(text: string): Found<Facts> {
    return orDamage(() => this.findText(text));
  }

  #tryFacts(offset: number): Found<Facts> {
    const kept = offset < 0 ? null : this.#kept.find(offset);
    return kept === undefined ? orDamage(() => this.#decode(offset)) : kept;
  }

  #factsAt(offset: number): Facts | null {
    if (offset < 0) return null;
    const kept = this.#kept.find(offset);
    return kept === undefined ? this.#decode(offset) : kept;
  }

  #decode(offset: number): Facts | null {
    const failure = this.#failures.find(offset);
    if (failure !== undefined) throw failure;
    try {
      const facts = this.#readFacts(this.#fields.read(offset));
      this.#kept.keep(offset, facts);
      return facts;
    } catch (error) {
      if (error instanceof MmdbCorruptError) this.#failures.keep(offset, error);
      throw error;
    }
  }
}
