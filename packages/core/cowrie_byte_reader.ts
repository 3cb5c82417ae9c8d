import { type CowrieEvent, readDurationMs } from "./cowrie.ts";
import { InstantReader } from "./instant_reader.ts";
import { byteAt, findStringEnd, skipNumber, skipString, skipValue, UNSURE } from "./json_bytes.ts";
import { readAscii, TextCache } from "./text_cache.ts";

const QUOTE = 0x22;
const BLANK = 0x20;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;

/** The keys that are read, as flags of those that a line has had. */
const [EVENT_ID, SESSION, TIMESTAMP, SOURCE_IP, DURATION] = [1, 2, 4, 8, 16] as const;
const NEEDED = EVENT_ID | SESSION | TIMESTAMP;

/** The longest key that is read, with its quote. */
const LONGEST_KEY = 10;

/** Reads lines of a Cowrie log from bytes. */
export class CowrieByteReader {
  readonly #sessions = new TextCache(12);
  readonly #addresses = new TextCache(12);
  readonly #eventIds = new TextCache(8);
  readonly #instants = new InstantReader();
  #had = 0;
  #eventId = "";
  #sessionId = "";
  #atUs = 0;
  #sourceIp: string | null = null;
  #duration: number | string | null = null;
  #end = 0;

  /** Where the line after the one that `read` read begins. */
  get end(): number {
    return this.#end;
  }

  /** Reads one line. */
  read(view: DataView, at: number): CowrieEvent | null {
    this.#had = 0;
    this.#sourceIp = null;
    this.#duration = null;
    if (byteAt(view, at) !== OPEN_OBJECT) return null;
    for (;;) {
      at = this.#readField(view, at + 1);
      if (at === UNSURE) return null;
      const next = byteAt(view, at);
      if (next === CLOSE_OBJECT) break;
      if (next !== COMMA) return null;
      if (byteAt(view, at + 1) === BLANK) at++;
    }
    at = skipLineEnd(view, at + 1);
    if (at === UNSURE || (this.#had & NEEDED) !== NEEDED) return null;
    this.#end = at;
    return {
      sessionId: this.#sessionId,
      eventId: this.#eventId,
      atUs: this.#atUs,
      sourceIp: this.#sourceIp,
      durationMs: this.#eventId === "cowrie.session.closed" ? readDurationMs(this.#duration) : null,
    };
  }

  #readField(view: DataView, at: number): number {
    if (at + 1 + LONGEST_KEY > view.byteLength || view.getUint8(at) !== QUOTE) return UNSURE;
    const key = findKey(view, at + 1);
    at = key === 0 ? findStringEnd(view, at + 1) : at + 1 + KEY_LENGTHS[key]!;
    if (byteAt(view, at) !== QUOTE || byteAt(view, at + 1) !== COLON) return UNSURE;
    at += 2;
    if (byteAt(view, at) === BLANK) at++;
    if (key !== 0) return this.#readValue(view, at, key);
    if (byteAt(view, at) !== QUOTE) return skipValue(view, at);
    const end = findStringEnd(view, at + 1);
    return byteAt(view, end) === QUOTE ? end + 1 : skipString(view, end);
  }

  #readValue(view: DataView, at: number, key: number): number {
    if ((this.#had & key) !== 0) return UNSURE;
    this.#had |= key;
    if (byteAt(view, at) !== QUOTE) return key === DURATION ? this.#readNumber(view, at) : UNSURE;
    const from = at + 1;
    if (key === TIMESTAMP) return this.#readTimestamp(view, from);
    const to = findStringEnd(view, from);
    if (byteAt(view, to) !== QUOTE) return UNSURE;
    return this.#takeText(view, from, to, key) ? to + 1 : UNSURE;
  }

  #readTimestamp(view: DataView, from: number): number {
    let to = from + 27;
    let atUs = byteAt(view, to) === QUOTE ? this.#instants.readUsual(view, from) : null;
    if (atUs === null) {
      to = findStringEnd(view, from);
      if (byteAt(view, to) === QUOTE) atUs = this.#instants.read(view, from, to);
    }
    if (atUs === null) return UNSURE;
    this.#atUs = atUs;
    return to + 1;
  }

  #readNumber(view: DataView, from: number): number {
    const to = skipNumber(view, from);
    const text = to === UNSURE ? null : readAscii(view, from, to);
    if (text === null) return UNSURE;
    this.#duration = Number(text);
    return to;
  }

  #takeText(view: DataView, from: number, to: number, key: number): boolean {
    switch (key) {
      case SESSION: {
        const text = this.#sessions.get(view, from, to);
        if (text === null || text === "") return false;
        this.#sessionId = text;
        return true;
      }
      case EVENT_ID: {
        const text = this.#eventIds.get(view, from, to);
        if (text === null) return false;
        this.#eventId = text;
        return true;
      }
      case SOURCE_IP:
        this.#sourceIp = this.#addresses.get(view, from, to);
        return this.#sourceIp !== null;
      default:
        this.#duration = readAscii(view, from, to);
        return this.#duration !== null;
    }
  }
}

const KEY_LENGTHS: readonly number[] = [0, 7, 7, 0, 9, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 8];

/** Four characters as they stand in memory. */
function findKey(view: DataView, at: number): number {
  switch (view.getInt32(at)) {
    case 0x6576656e: // even
      return view.getInt32(at + 4) === 0x74696422 ? EVENT_ID : 0;
    case 0x73657373: // sess
      return view.getInt32(at + 4) === 0x696f6e22 ? SESSION : 0;
    case 0x74696d65: // time
      return view.getInt32(at + 4) === 0x7374616d && view.getInt16(at + 8) === 0x7022 ? TIMESTAMP : 0;
    case 0x7372635f: // src_
      return view.getInt32(at + 4) >> 8 === 0x697022 ? SOURCE_IP : 0;
    case 0x64757261: // dura
      return view.getInt32(at + 4) === 0x74696f6e && view.getUint8(at + 8) === QUOTE ? DURATION : 0;
    default:
      return 0;
  }
}

function skipLineEnd(view: DataView, at: number): number {
  if (at === view.byteLength) return at;
  const byte = view.getUint8(at);
  if (byte === LINE_FEED) return at + 1;
  return byte === CARRIAGE_RETURN && byteAt(view, at + 1) === LINE_FEED ? at + 2 : UNSURE;
}
