import { assertEquals } from "@std/assert";
import { type IpAddress, ipv4FromBits, ipv6FromGroups } from "@ipcascade/core";
import { type Mmdb, type MmdbFieldReader, type MmdbValue, openCity, openMmdb } from "@ipcascade/sources";
import { buildEdition, FakeRandom } from "@ipcascade/testkit";
import { Reader, type Response } from "maxmind";
import { Buffer } from "node:buffer";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { ASN_FIELDS } from "../../packages/sources/maxmind/asn.ts";
import { CITY_FIELDS } from "../../packages/sources/maxmind/city.ts";
import { fieldsOf } from "../../packages/sources/maxmind/_test_fields.ts";
import { buildRealSizeEdition } from "../../packages/testkit/real_size_edition.ts";
import { Claims, type Evidence } from "./figures.ts";
import { listBoundaries } from "./network_boundaries.ts";

/** What to compare. */
export interface OracleOptions {
  /** Random IPv4 addresses of each database, and a quarter as many of IPv6. */
  readonly random: number;
  /** Whether editions of real size are among the databases. */
  readonly isRealSize: boolean;
}

/**
 * Looks random addresses and the first and last address of every network up with this reader and with the `maxmind`
 * package, by themselves and side by side, whole and the fields that facts are made of: in the test editions, in editions of real size, and in the good databases of the folder that
 * `IPCASCADE_MMDB_FIXTURES` names. Every record is the same.
 */
export async function proveSameAnswers(options: OracleOptions): Promise<Evidence> {
  const claims = new Claims();
  const figures: Record<string, number> = {};
  for (const [name, read] of listDatabases(options.isRealSize)) {
    await Promise.resolve();
    const comparison = new Comparison(read(), name, claims);
    comparison.compareRandom(options.random);
    comparison.compareBoundaries();
    figures[`${name} addresses`] = comparison.addresses;
    figures[`${name} records`] = comparison.records;
  }
  const conditions =
    `${options.random} random IPv4 addresses a database, a quarter as many IPv6 ones, and both ` +
    "ends of every network, against the maxmind package";
  return { conditions, figures, broken: claims.broken };
}

function listDatabases(isRealSize: boolean): [name: string, read: () => Uint8Array][] {
  const ids = ["GeoLite2-City", "GeoLite2-ASN"] as const;
  const folder = process.env.IPCASCADE_MMDB_FIXTURES;
  const fixtures = folder === undefined ? [] : readdirSync(join(folder, "good"));
  return [
    ...ids.map((id): [string, () => Uint8Array] => [`test ${id}`, () => buildEdition(id)]),
    ...(isRealSize ? ids : []).map((id): [string, () => Uint8Array] => [
      `real-size ${id}`,
      () => buildRealSizeEdition(id, 1_764_000_000),
    ]),
    ...fixtures.filter((name) => name.endsWith(".mmdb")).map((name): [string, () => Uint8Array] => [
      name,
      () => readFileSync(join(folder!, "good", name)),
    ]),
  ];
}

/** What facts are made of. */
const FIELDS = [...CITY_FIELDS, ...ASN_FIELDS];

/** IPv4 addresses that are looked up side by side. */
const TOGETHER = 5_000;

/** Claims beyond these say nothing new. */
const MAX_CLAIMS = 20;

/** One database in both readers. */
class Comparison {
  addresses = 0;
  readonly #bytes: Uint8Array;
  readonly #name: string;
  readonly #claims: Claims;
  readonly #mmdb: Mmdb;
  readonly #fields: MmdbFieldReader;
  readonly #oracle: Reader<Response>;
  /** IPv4 addresses that are still to be looked up side by side, and what each gave by itself. */
  readonly #bits: number[] = [];
  readonly #offsets: number[] = [];
  /** What the oracle gave for each data offset of ours; it keeps every record, so each is one object. */
  readonly #seen = new Map<number, unknown>();

  constructor(bytes: Uint8Array, name: string, claims: Claims) {
    this.#bytes = bytes;
    this.#name = name;
    this.#claims = claims;
    this.#mmdb = openMmdb(bytes);
    this.#fields = this.#mmdb.openFields(FIELDS);
    const kept = new Map<unknown, unknown>();
    const cache = {
      get: (key: unknown) => kept.get(key),
      set: (key: unknown, value: unknown) => void kept.set(key, value),
    };
    this.#oracle = new Reader<Response>(Buffer.from(bytes), { cache: cache as never });
  }

  /** Distinct records that were compared in full. */
  get records(): number {
    return this.#seen.size;
  }

  compareRandom(count: number): void {
    const random = new FakeRandom(20_261_127);
    const texts: string[] = [];
    for (let i = 0; i < count; i++) {
      const address = ipv4FromBits(random.uint32());
      texts.push(address.text);
      this.#compare(address);
    }
    if (this.#mmdb.metadata.ipVersion === 6) {
      for (let i = 0; i < count / 4; i++) this.#compare(randomIpv6(random));
    }
    if (this.#mmdb.metadata.databaseType.endsWith("City")) this.#compareBatch(texts);
  }

  compareBoundaries(): void {
    for (const address of listBoundaries(this.#mmdb)) this.#compare(address);
    this.#compareTogether();
  }

  /** The same texts as a batch. */
  #compareBatch(texts: readonly string[]): void {
    const city = openCity(this.#bytes);
    const found: unknown[] = [];
    city.findTexts(texts, found as never);
    const differing = texts.findIndex((text, index) => found[index] !== city.findText(text));
    this.#claims.check(differing < 0, `${this.#name}: "${texts[differing]}" differs in a batch`);
  }

  #compare(address: IpAddress): void {
    this.addresses++;
    const offset = this.#mmdb.findDataOffset(address);
    if (address.family === 4) this.#takeNote(address.bits, offset);
    const expected = this.#oracle.get(address.text);
    if (offset < 0 ? expected === null : this.#isSame(offset, expected)) return;
    if (this.#claims.broken.length < MAX_CLAIMS) {
      this.#claims.check(false, `${this.#name}: "${address.text}" has another record`);
    }
  }

  #takeNote(bits: number, offset: number): void {
    this.#bits.push(bits);
    this.#offsets.push(offset);
    if (this.#bits.length >= TOGETHER) this.#compareTogether();
  }

  #compareTogether(): void {
    const [bits, expected] = [this.#bits.splice(0), this.#offsets.splice(0)];
    const offsets = new Int32Array(bits.length);
    this.#mmdb.findIpv4Offsets(Uint32Array.from(bits), bits.length, offsets);
    const differing = bits.findIndex((_, index) => offsets[index] !== expected[index]);
    if (differing < 0 || this.#claims.broken.length >= MAX_CLAIMS) return;
    this.#claims.check(false, `${this.#name}: ${ipv4FromBits(bits[differing]!).text} differs beside others`);
  }

  #isSame(offset: number, expected: unknown): boolean {
    if (this.#seen.has(offset)) return this.#seen.get(offset) === expected;
    this.#seen.set(offset, expected);
    try {
      assertEquals<unknown>(this.#mmdb.decode(offset), expected);
      assertEquals(this.#fields.read(offset), fieldsOf(expected as MmdbValue, FIELDS));
      return true;
    } catch {
      return false;
    }
  }
}

/** Half of them where editions have networks. */
function randomIpv6(random: FakeRandom): IpAddress {
  const groups = Array.from({ length: 8 }, () => random.below(0x10000));
  if (random.next() < 0.5) groups[0] = random.pick([0x2001, 0x2400, 0x2600, 0x2a00, 0x2002]);
  return ipv6FromGroups(groups);
}
