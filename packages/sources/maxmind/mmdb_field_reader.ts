import type { MmdbField } from "./field.ts";
import { MmdbCostCache } from "./mmdb_cost_cache.ts";
import { MAP, type MmdbCursor, POINTER } from "./mmdb_cursor.ts";
import type { MmdbChecker } from "./mmdb_checker.ts";
import type { MmdbTextReader } from "./mmdb_text.ts";
import type { MmdbPath, MmdbValue } from "./mmdb_value.ts";
import { OffsetCache } from "./offset_cache.ts";

/** Maps and keys kept of each wanted map; keys stand at a few dozen places in a real City edition. */
const MAX_KEPT_MAPS = 4_096;
const MAX_KEPT_KEYS = 1_024;

/** Places for the costs of a kept map, of which several may fall on one place. */
const COSTS_A_MAP = 4;

/** What reads the parts of a data section. */
export interface MmdbSectionParts {
  readonly cursor: MmdbCursor;
  readonly keys: MmdbTextReader;
  readonly checker: MmdbChecker;
  /** The value at the cursor, at a depth of the record. Throws `MmdbCorruptError`. */
  readonly readValue: (depth: number) => MmdbValue;
}

/** A key as it was read at an offset, and what of its value is wanted. */
interface KnownKey {
  /** Overlapping texts of a damaged file share a start, not a size. */
  readonly size: number;
  readonly wanted: Wanted | null;
}

function refusePaths(): TypeError {
  return new TypeError("Cannot read these fields: no path may be empty or begin with another");
}

/** What is wanted of a value: it, or fields of the map that it is. */
class Wanted {
  /** The fields that are in it. */
  readonly fields: number[] = [];
  readonly children = new Map<string, Wanted>();
  readonly keys = new OffsetCache<KnownKey>(MAX_KEPT_KEYS);
  /** The fields of the maps that several records point to, as they do to countries. */
  readonly kept = new OffsetCache<readonly MmdbField[]>(MAX_KEPT_MAPS);

  /** Throws a `TypeError` where a value is wanted both whole and by its fields, or twice. */
  add(path: MmdbPath, field: number): void {
    const [key, ...rest] = path;
    const isWhole = this.fields.length > 0 && this.children.size === 0;
    if (isWhole || (key === undefined && this.fields.length > 0)) throw refusePaths();
    this.fields.push(field);
    if (key === undefined) return;
    const child = this.children.get(key) ?? new Wanted();
    this.children.set(key, child);
    child.add(rest, field);
  }
}

/**
 * Reads some fields of records, without making objects of the maps that these stand in. What is not wanted is checked
 * all the same, so that a record is refused whenever the decoder refuses it.
 */
export class MmdbFieldReader {
  readonly #parts: MmdbSectionParts;
  readonly #record = new Wanted();
  readonly #fields: MmdbField[];
  /** What the kept maps cost, without their height: what is wanted stands at the same depth in all records. */
  readonly #costs: MmdbCostCache;

  /**
   * Reads what these paths lead to in a section of so many bytes. Throws a `TypeError` when one is empty or begins with
   * another.
   */
  constructor(parts: MmdbSectionParts, paths: readonly MmdbPath[], sectionBytes: number) {
    this.#parts = parts;
    this.#fields = new Array<MmdbField>(paths.length).fill(undefined);
    this.#costs = new MmdbCostCache(Math.min(sectionBytes, MAX_KEPT_MAPS * COSTS_A_MAP));
    for (const [field, path] of paths.entries()) {
      if (path.length === 0) throw refusePaths();
      this.#record.add(path, field);
    }
  }

  /**
   * The fields of the record at an offset, in the order of the paths; undefined where a path leads nowhere. The array
   * is this reader's own until the next call, and a field that is no text or number must not be changed. Throws
   * `MmdbCorruptError`.
   */
  read(offset: number): readonly MmdbField[] {
    this.#parts.cursor.start(offset);
    this.#readMap(this.#record, 0);
    return this.#fields;
  }

  #readMap(wanted: Wanted, depth: number): void {
    const { cursor } = this.#parts;
    // A key that comes twice counts the last time.
    for (const field of wanted.fields) this.#fields[field] = undefined;
    const type = cursor.readControl();
    if (type !== POINTER) this.#readBody(type, wanted, depth);
    else this.#readTarget(cursor.size, wanted, depth);
  }

  #readTarget(target: number, wanted: Wanted, depth: number): void {
    const { cursor } = this.#parts;
    const costs = this.#costs;
    const place = costs.find(target);
    const kept = place < 0 ? undefined : wanted.kept.find(target);
    if (kept !== undefined) {
      // What is kept counts for each record that has it, so that no answer depends on those before.
      cursor.charge(costs.values(place), costs.bytes(place), depth);
      this.#fill(wanted, kept);
      return;
    }
    const { position, valuesLeft, bytesLeft } = cursor;
    this.#readBody(cursor.followPointer(), wanted, depth);
    cursor.position = position;
    // Most maps belong to one record: those are kept that come a second time.
    if (place >= 0) wanted.kept.keep(target, wanted.fields.map((field) => this.#fields[field]));
    const [values, bytes] = [valuesLeft - cursor.valuesLeft, bytesLeft - cursor.bytesLeft];
    costs.keep(target, { values, bytes, height: 0 });
  }

  #fill(wanted: Wanted, kept: readonly MmdbField[]): void {
    const { fields } = wanted;
    for (let i = 0; i < fields.length; i++) this.#fields[fields[i]!] = kept[i];
  }

  #readBody(type: number, wanted: Wanted, depth: number): void {
    const { cursor, checker, readValue } = this.#parts;
    if (type !== MAP) {
      checker.skipBody(type, depth);
      return;
    }
    const count = cursor.size;
    cursor.enter(count * 2, depth);
    for (let i = 0; i < count; i++) {
      const child = this.#readKey(wanted);
      if (child === null) checker.skip(depth + 1);
      else if (child.children.size > 0) this.#readMap(child, depth + 1);
      else this.#fields[child.fields[0]!] = readValue(depth + 1);
    }
  }

  /** Passes a key; gives what is wanted of its value. */
  #readKey(wanted: Wanted): Wanted | null {
    const { cursor } = this.#parts;
    const start = cursor.passKey();
    const { size } = cursor;
    const known = wanted.keys.find(start);
    return known?.size === size ? known.wanted : this.#learnKey(wanted, start, size);
  }

  #learnKey(wanted: Wanted, start: number, size: number): Wanted | null {
    const child = wanted.children.get(this.#parts.keys.read(start, size)) ?? null;
    wanted.keys.keep(start, { size, wanted: child });
    return child;
  }
}
