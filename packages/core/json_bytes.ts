/**
 * Walks over JSON in bytes without building anything. Every function takes the place where a part begins and gives
 * the place behind it, or `UNSURE`; what is accepted is JSON by RFC 8259, what is `UNSURE` may be anything.
 */

/** The part is no JSON, or was not looked at closely enough to tell. */
export const UNSURE = -1;

const QUOTE = 0x22;
const COMMA = 0x2c;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const COLON = 0x3a;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Lists and objects within each other; deeper ones would fill the stack. */
const MAX_DEPTH = 32;

/**
 * The first byte from `at` on that ends or interrupts a string: a quote, a backslash or a control character; the
 * length when there is none.
 */
export function findStringEnd(view: DataView, at: number): number {
  const length = view.byteLength;
  for (; at + 8 <= length; at += 8) {
    const first = markEnds(view.getInt32(at, true));
    if (first !== 0) return at + firstMark(first);
    const second = markEnds(view.getInt32(at + 4, true));
    if (second !== 0) return at + 4 + firstMark(second);
  }
  for (; at < length; at++) {
    const byte = view.getUint8(at);
    if (byte < 0x20 || byte === QUOTE || byte === BACKSLASH) return at;
  }
  return length;
}

/**
 * Four bytes at once: the lowest bit that is set stands above the first byte that is a control character or a quote
 * (`x ^ 2` makes a quote the least but the controls) or a backslash; 0 when there is none.
 */
function markEnds(x: number): number {
  return (((x ^ 0x02020202) - 0x21212121) | ((x ^ 0x5c5c5c5c) - 0x01010101)) & ~x & 0x80808080;
}

function firstMark(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3;
}

/** The byte at a place; 0 behind the end, which is nothing that JSON takes. */
export function byteAt(view: DataView, at: number): number {
  return at < view.byteLength ? view.getUint8(at) : 0;
}

/** Passes over blanks, and over nothing else that JSON takes for white space. */
export function skipBlanks(view: DataView, at: number): number {
  while (byteAt(view, at) === 0x20) at++;
  return at;
}

/** Passes over the rest of a string, whose opening quote stands before `at`. */
export function skipString(view: DataView, at: number): number {
  for (;;) {
    at = findStringEnd(view, at);
    const byte = byteAt(view, at);
    if (byte === QUOTE) return at + 1;
    if (byte !== BACKSLASH) return UNSURE;
    at = skipEscape(view, at + 1);
    if (at === UNSURE) return UNSURE;
  }
}

function skipEscape(view: DataView, at: number): number {
  switch (byteAt(view, at)) {
    case QUOTE:
    case BACKSLASH:
    case 0x2f: // /
    case 0x62: // b
    case 0x66: // f
    case 0x6e: // n
    case 0x72: // r
    case 0x74: // t
      return at + 1;
    case 0x75: // u
      for (let i = 1; i <= 4; i++) if (!isHexDigit(byteAt(view, at + i))) return UNSURE;
      return at + 5;
    default:
      return UNSURE;
  }
}

function isHexDigit(byte: number): boolean {
  return isDigit(byte) || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66);
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

/** Passes over a number. */
export function skipNumber(view: DataView, at: number): number {
  if (byteAt(view, at) === MINUS) at++;
  if (byteAt(view, at) === ZERO) at++;
  else at = skipDigits(view, at);
  if (at !== UNSURE && byteAt(view, at) === DOT) at = skipDigits(view, at + 1);
  if (at !== UNSURE && (byteAt(view, at) | 0x20) === 0x65) {
    const sign = byteAt(view, at + 1);
    at = skipDigits(view, sign === MINUS || sign === 0x2b ? at + 2 : at + 1);
  }
  return at;
}

function skipDigits(view: DataView, at: number): number {
  if (!isDigit(byteAt(view, at))) return UNSURE;
  do at++; while (isDigit(byteAt(view, at)));
  return at;
}

// Words of JSON, the last letter of `false` apart.
const TRUE = 0x74727565;
const FALS = 0x66616c73;
const NULL = 0x6e756c6c;

function skipWord(view: DataView, at: number): number {
  if (at + 4 > view.byteLength) return UNSURE;
  const word = view.getInt32(at);
  if (word === TRUE || word === NULL) return at + 4;
  return word === FALS && byteAt(view, at + 4) === 0x65 ? at + 5 : UNSURE;
}

/** Passes over a text, a number, `true`, `false` or `null`. */
export function skipScalar(view: DataView, at: number): number {
  const byte = byteAt(view, at);
  if (byte === QUOTE) return skipString(view, at + 1);
  return byte === MINUS || isDigit(byte) ? skipNumber(view, at) : skipWord(view, at);
}

/** Passes over any value. */
export function skipValue(view: DataView, at: number, depth = 0): number {
  const byte = byteAt(view, at);
  if (byte !== OPEN_LIST && byte !== OPEN_OBJECT) return skipScalar(view, at);
  if (depth === MAX_DEPTH) return UNSURE;
  const close = byte === OPEN_LIST ? CLOSE_LIST : CLOSE_OBJECT;
  at = skipBlanks(view, at + 1);
  if (byteAt(view, at) === close) return at + 1;
  for (;;) {
    if (close === CLOSE_OBJECT) at = skipKey(view, at);
    if (at !== UNSURE) at = skipValue(view, at, depth + 1);
    if (at === UNSURE) return UNSURE;
    at = skipBlanks(view, at);
    const next = byteAt(view, at);
    if (next === close) return at + 1;
    if (next !== COMMA) return UNSURE;
    at = skipBlanks(view, at + 1);
  }
}

function skipKey(view: DataView, at: number): number {
  if (byteAt(view, at) !== QUOTE) return UNSURE;
  at = skipString(view, at + 1);
  if (at === UNSURE) return UNSURE;
  at = skipBlanks(view, at);
  return byteAt(view, at) === COLON ? skipBlanks(view, at + 1) : UNSURE;
}
