import { parseAddress } from "./address.ts";

/** Kinds of bytes: what addresses are made of, and what else words are made of. */
const OTHER = 0;
const DIGIT = 1;
const HEX = 2;
const COLON = 3;
const DOT = 4;
const WORD = 5;

const KINDS = new Uint8Array(256);
for (let byte = 0; byte < 256; byte++) KINDS[byte] = kindOf(byte);

function kindOf(byte: number): number {
  // Beyond ASCII: many scripts put no space around an address, and their punctuation is there, too.
  if (byte >= 0x80) return OTHER;
  const character = String.fromCharCode(byte);
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[a-f]/i.test(character)) return HEX;
  if (character === ":") return COLON;
  if (character === ".") return DOT;
  return /[g-z_]/i.test(character) ? WORD : OTHER;
}

/** Longest text of an address (RFC 4291, with an IPv4 address at its end), and a colon or dot behind it. */
const MAX_TEXT = 46;

/** Longest text of an IPv4 address. */
const MAX_IPV4_TEXT = 15;

const FULL_STOP = 46;
const ZERO = 48;
const BACKSLASH = 92;

/** In place of an octet with a leading zero, which is octal to some readers and decimal to others. */
const TOO_LARGE = 256;

/**
 * Finds addresses in lines of text, without a string for IPv4. An address stands alone: what is part of a longer
 * word, number or name is none. A port, a full stop or a colon may follow.
 */
export class AddressFinder {
  /** 4 or 6 after an address was found. */
  family: 4 | 6 = 4;
  /** The 32 bits of an IPv4 address; IPv4-mapped IPv6 is IPv4. */
  bits = 0;
  /** The eight groups of an IPv6 address. */
  groups: readonly number[] = [];
  /** Where the address begins. */
  start = 0;
  /** Where it ends; the byte there is no more part of it. */
  end = 0;

  /** Finds the first address in bytes from `from` on, before `to`; tells whether there is one. */
  find(bytes: Uint8Array, from: number, to: number): boolean {
    return this.#readLeading(bytes, from, to) || this.#search(bytes, from, to);
  }

  /** Reads what most access logs begin with: an IPv4 address, alone. Whatever else it is is left to the search. */
  #readLeading(bytes: Uint8Array, from: number, to: number): boolean {
    if (from + MAX_IPV4_TEXT >= bytes.length) return false;
    let at = from;
    let bits = 0;
    for (let dots = 0;; dots++) {
      let octet = bytes[at++]! - ZERO;
      if (octet < 0 || octet > 9) return false;
      for (let digit = bytes[at]! - ZERO; digit >= 0 && digit <= 9; digit = bytes[++at]! - ZERO) {
        octet = octet === 0 ? TOO_LARGE : octet * 10 + digit;
        if (octet > 255) return false;
      }
      bits = bits << 8 | octet;
      if (dots === 3) break;
      if (bytes[at++] !== FULL_STOP) return false;
    }
    if (at > to || (at < to && KINDS[bytes[at]!] !== OTHER)) return false;
    this.family = 4;
    this.bits = bits >>> 0;
    this.start = from;
    this.end = at;
    return true;
  }

  #search(bytes: Uint8Array, from: number, to: number): boolean {
    let at = from;
    while (at < to) {
      const kind = KINDS[bytes[at]!]!;
      if (kind === OTHER || kind === DOT) at++;
      else if (kind === WORD) at = passEscape(bytes, at, from) ?? passWord(bytes, at, to);
      else {
        const end = passNumbers(bytes, at, to);
        const isWord = end < to && KINDS[bytes[end]!] === WORD;
        if (!isWord && this.#read(bytes, at, end)) return true;
        at = isWord ? passWord(bytes, end, to) : end;
      }
    }
    return false;
  }

  #read(bytes: Uint8Array, start: number, end: number): boolean {
    // A colon after a label; before IPv6 it may belong to what is cut off.
    const isLabelled = KINDS[bytes[start]!] === COLON && KINDS[bytes[start + 1]!] === DIGIT;
    this.start = isLabelled ? start + 1 : start;
    return this.#readIpv4(bytes, this.start, end) || (!isLabelled && this.#readText(bytes, start, end));
  }

  #readIpv4(bytes: Uint8Array, start: number, end: number): boolean {
    let at = start;
    let bits = 0;
    for (let dots = 0;; dots++) {
      const first = at;
      let octet = 0;
      for (; at < end && KINDS[bytes[at]!] === DIGIT; at++) {
        octet = octet * 10 + bytes[at]! - ZERO;
        if (octet > 255) return false;
      }
      // A leading zero is octal to some readers and decimal to others.
      if (at === first || (at - first > 1 && bytes[first] === ZERO)) return false;
      bits = bits * 256 + octet;
      if (dots === 3) break;
      if (at >= end || KINDS[bytes[at]!] !== DOT) return false;
      at++;
    }
    if (at < end && !isEnd(bytes, at, end)) return false;
    this.family = 4;
    this.bits = bits;
    this.end = at;
    return true;
  }

  /** IPv6, which is rare enough for a string. */
  #readText(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < 3 || end - start > MAX_TEXT) return false;
    let text = String.fromCharCode(...bytes.subarray(start, end));
    if (!text.includes(":") || !/[0-9a-f]/i.test(text)) return false;
    let address = parseAddress(text);
    if (address === null && /[.:]$/.test(text)) {
      text = text.slice(0, -1);
      address = parseAddress(text);
    }
    if (address === null) return false;
    this.family = address.family;
    if (address.family === 4) this.bits = address.bits;
    else this.groups = address.groups;
    this.end = start + text.length;
    return true;
  }
}

/** What may follow an IPv4 address: a port, a colon, a full stop at the end. */
function isEnd(bytes: Uint8Array, at: number, end: number): boolean {
  if (KINDS[bytes[at]!] === DOT) return at + 1 === end;
  if (KINDS[bytes[at]!] !== COLON) return false;
  for (let i = at + 1; i < end; i++) if (KINDS[bytes[i]!] !== DIGIT) return i + 1 === end;
  return true;
}

/** Passes digits, hexadecimal digits, colons and dots. */
function passNumbers(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const kind = KINDS[bytes[at]!]!;
    if (kind === OTHER || kind === WORD) break;
    at++;
  }
  return at;
}

/** Digits after `\u`. */
const UNICODE_DIGITS = 4;

/** Passes what JSON writes behind a backslash for a tab, a line end or any character; null when it is none of them. */
function passEscape(bytes: Uint8Array, at: number, from: number): number | null {
  if (at === from || bytes[at - 1] !== BACKSLASH) return null;
  const letter = bytes[at];
  if (letter === 0x6e || letter === 0x72 || letter === 0x74) return at + 1;
  return letter === 0x75 ? at + 1 + UNICODE_DIGITS : null;
}

/** Passes a word, and a name with dots in it. */
function passWord(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const kind = KINDS[bytes[at]!]!;
    if (kind === OTHER || kind === COLON) break;
    at++;
  }
  return at;
}
