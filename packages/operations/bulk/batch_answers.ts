import {
  DAMAGED_RECORD,
  type EditionIndex,
  type MaxmindIndex,
  NO_ORIGIN,
  NO_PLACE,
  NO_RECORD,
  type OriginFacts,
  type PlaceFacts,
} from "@ipcascade/core";
import type { BulkMemory } from "./bulk_memory.ts";
import { type FragmentOptions, FragmentStore, MAX_PART_BYTES } from "./fragment_store.ts";
import { type AddressColumns, AS_TEXT, BATCH_LINES } from "./address_columns.ts";
import type { RecordForm, TextPair } from "./record_form.ts";

/** What becomes of a line. */
export const HIT = 0;
/** The editions do not know it. */
export const MISS = 1;
/** It is not global. */
export const LOCAL = 2;
/** It is looked up as a text, by itself. */
export const TEXT = 3;

/** Set where the facts of a fragment make an address known. */
const KNOWN = 1;

/** What fragments of a whole batch take at most, and what encoding one more may write on the way. */
export const BATCH_FRAGMENT_BYTES = (2 * BATCH_LINES + 8) * 2 * MAX_PART_BYTES;

/** Fragments of one edition for the lines of a batch: where they start, and their two lengths in one number. */
export class FragmentColumn<Facts> {
  readonly starts = new Uint32Array(BATCH_LINES);
  readonly lengths = new Uint32Array(BATCH_LINES);
  readonly #index: EditionIndex<Facts> | null;
  readonly #store: FragmentStore;
  readonly #memory: BulkMemory;
  /** Sum of what was read only to have it at hand; kept, so that the reading is not optimised away. */
  touched = 0;
  readonly #write: (facts: Facts | null) => TextPair;
  readonly #isKnown: (facts: Facts) => boolean;
  readonly #offsets = new Int32Array(BATCH_LINES);
  /** Lines whose IPv4 address is asked for, its bits, and what they lead to. */
  readonly #asked = new Int32Array(BATCH_LINES);
  readonly #askedBits = new Uint32Array(BATCH_LINES);
  readonly #askedOffsets = new Int32Array(BATCH_LINES);
  /** Lines whose fragment is not there yet. */
  readonly #missing = new Int32Array(BATCH_LINES);

  constructor(index: EditionIndex<Facts> | null, memory: BulkMemory, texts: FragmentTexts<Facts>) {
    this.#index = index;
    this.#store = new FragmentStore(memory, texts);
    this.#memory = memory;
    this.#write = texts.write;
    this.#isKnown = texts.isKnown;
  }

  /** Forgets all fragments. */
  clear(): void {
    this.#store.clear();
  }

  /** Finds the records of the addresses; where the tree is damaged the line is `TEXT` from now on. */
  findOffsets(batch: AddressColumns, kinds: Uint8Array): void {
    const index = this.#index;
    const { bits, addresses, count } = batch;
    if (index === null) {
      this.#offsets.fill(NO_RECORD, 0, count);
      return;
    }
    let asked = 0;
    for (let i = 0; i < count; i++) {
      if (kinds[i]! > MISS) continue;
      const address = addresses[i]!;
      if (address === null || address.family === 4) {
        this.#asked[asked] = i;
        this.#askedBits[asked++] = bits[i]!;
      } else this.#setOffset(i, tryIpv6(index, address.groups), kinds);
    }
    index.findIpv4Many(this.#askedBits, asked, this.#askedOffsets);
    for (let k = 0; k < asked; k++) this.#setOffset(this.#asked[k]!, this.#askedOffsets[k]!, kinds);
  }

  #setOffset(i: number, offset: number, kinds: Uint8Array): void {
    this.#offsets[i] = offset;
    // Looking it up by itself says what is wrong.
    if (offset === DAMAGED_RECORD) kinds[i] = TEXT;
  }

  /** Finds or makes the fragments of the records; lines that become known are `HIT`. */
  findFragments(kinds: Uint8Array, count: number): void {
    const store = this.#store;
    const index = this.#index;
    const offsets = this.#offsets;
    const missing = this.#missing;
    let touched = 0;
    let missed = 0;
    for (let i = 0; i < count; i++) touched += store.touch(offsets[i]!);
    for (let i = 0; i < count; i++) {
      if (kinds[i]! > MISS) continue;
      const place = store.find(offsets[i]!);
      if (place >= 0) this.#take(i, place, kinds);
      else {
        missing[missed++] = i;
        if (index !== null && offsets[i]! >= 0) touched += index.touch(offsets[i]!);
      }
    }
    for (let k = 0; k < missed; k++) this.#takeMissing(missing[k]!, kinds);
    this.touched = touched + this.#touchFragments(count);
  }

  #take(i: number, place: number, kinds: Uint8Array): void {
    const store = this.#store;
    this.starts[i] = store.startAt(place);
    this.lengths[i] = store.lengthsAt(place);
    if (store.flagsAt(place) === KNOWN) kinds[i] = HIT;
  }

  /** Another line of the batch may have had the same record. */
  #takeMissing(i: number, kinds: Uint8Array): void {
    const offset = this.#offsets[i]!;
    const found = this.#store.find(offset);
    const place = found >= 0 ? found : this.#make(offset);
    if (place >= 0) this.#take(i, place, kinds);
    else kinds[i] = TEXT;
  }

  #touchFragments(count: number): number {
    const { bytes } = this.#memory;
    let touched = 0;
    for (let i = 0; i < count; i++) {
      const start = this.starts[i]!;
      touched += bytes[start]! + bytes[start + 64]! + bytes[start + 128]! + bytes[start + 192]!;
    }
    return touched;
  }

  #make(offset: number): number {
    try {
      const facts = offset === NO_RECORD ? null : this.#index!.read(offset);
      const flags = facts !== null && this.#isKnown(facts) ? KNOWN : 0;
      return this.#store.keep(offset, this.#write(facts), flags) ? this.#store.find(offset) : -1;
    } catch {
      return -1;
    }
  }
}

function tryIpv6(index: EditionIndex<unknown>, groups: readonly number[]): number {
  try {
    return index.findIpv6(groups);
  } catch {
    return DAMAGED_RECORD;
  }
}

/** How the facts of an edition are written. */
export interface FragmentTexts<Facts> extends FragmentOptions {
  readonly write: (facts: Facts | null) => TextPair;
  /** Tells whether an address with these facts is a hit. */
  readonly isKnown: (facts: Facts) => boolean;
}

/** Looks the lines of a batch up: says of each what becomes of it, and where its fragments are. */
export class BatchAnswers {
  /** `HIT`, `MISS`, `LOCAL` or `TEXT`. */
  readonly kinds = new Uint8Array(BATCH_LINES);
  readonly places: FragmentColumn<PlaceFacts>;
  readonly origins: FragmentColumn<OriginFacts>;
  readonly #memory: BulkMemory;

  constructor(
    index: MaxmindIndex,
    memory: BulkMemory,
    form: Pick<RecordForm, "place" | "origin"> & FragmentOptions,
  ) {
    const { hasHeaders } = form;
    this.#memory = memory;
    this.places = new FragmentColumn(index.places, memory, {
      write: (facts) => form.place(facts ?? NO_PLACE),
      isKnown: () => true,
      hasHeaders,
    });
    this.origins = new FragmentColumn(index.origins, memory, {
      write: (facts) => form.origin(facts ?? NO_ORIGIN),
      // An organisation alone answers nothing.
      isKnown: ({ asn }) => asn !== null,
      hasHeaders,
    });
  }

  /** Looks a batch up; returns how many addresses were asked about. */
  lookUp(batch: AddressColumns): number {
    const { kinds } = this;
    const { count, scopes } = batch;
    if (this.#memory.room < BATCH_FRAGMENT_BYTES) {
      this.#memory.clear();
      this.clear();
    }
    let asked = 0;
    for (let i = 0; i < count; i++) {
      const scope = scopes[i]!;
      kinds[i] = scope === 0 ? MISS : scope === AS_TEXT ? TEXT : LOCAL;
      if (scope === 0) asked++;
    }
    this.places.findOffsets(batch, kinds);
    this.origins.findOffsets(batch, kinds);
    this.places.findFragments(kinds, count);
    this.origins.findFragments(kinds, count);
    return asked;
  }

  /** Forgets all fragments; the memory is the caller's to empty. */
  clear(): void {
    this.places.clear();
    this.origins.clear();
  }
}
