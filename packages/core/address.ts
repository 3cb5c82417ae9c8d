/** An IPv4 address. */
export interface Ipv4Address {
  readonly family: 4;
  /** Canonical dotted decimal. */
  readonly text: string;
  /** The 32 bits as an unsigned integer. */
  readonly bits: number;
}

/** An IPv6 address that is not IPv4-mapped. */
export interface Ipv6Address {
  readonly family: 6;
  /** Canonical text of RFC 5952. */
  readonly text: string;
  /** Eight groups of 16 bits, first to last. */
  readonly groups: readonly number[];
}

/** A parsed address in canonical form: IPv4-mapped IPv6 is IPv4. */
export type IpAddress = Ipv4Address | Ipv6Address;

const COLON = 58;
const DOT = 46;
const ZERO = 48;

/**
 * Reads one address; null when the text is none. Zone ids, leading zeros, ports, brackets and white space are
 * refused; IPv4-mapped IPv6 (`::ffff:1.2.3.4`) becomes IPv4.
 */
export function parseAddress(text: string): IpAddress | null {
  const bits = parseIpv4Bits(text, 0);
  // Strict digits and dots without leading zeros: the text is the canonical one already.
  if (bits >= 0) return { family: 4, text, bits };
  const groups = parseIpv6(text);
  return groups === null ? null : ipv6FromGroups(groups);
}

/** Reads one IPv4 address in dotted decimal as its 32 bits, without allocating; -1 when the text is none. */
export function parseIpv4(text: string): number {
  return parseIpv4Bits(text, 0);
}

/**
 * The 32 bits of an IPv4-mapped IPv6 address (`::ffff:0:0/96`) out of its eight groups; -1 for any other. What has
 * them is an IPv4 address.
 */
export function mappedIpv4(groups: readonly number[]): number {
  for (let i = 0; i < 5; i++) if (groups[i] !== 0) return -1;
  return groups[5] === 0xffff ? ((groups[6]! << 16) | groups[7]!) >>> 0 : -1;
}

/** The IPv4 address of 32 bits. */
export function ipv4FromBits(bits: number): Ipv4Address {
  return { family: 4, text: formatIpv4(bits), bits };
}

/** The address of eight 16-bit groups; an IPv4-mapped one becomes IPv4. */
export function ipv6FromGroups(groups: readonly number[]): IpAddress {
  const bits = mappedIpv4(groups);
  return bits >= 0 ? ipv4FromBits(bits) : { family: 6, text: formatIpv6(groups), groups };
}

function formatIpv4(bits: number): string {
  return `${bits >>> 24}.${(bits >>> 16) & 255}.${(bits >>> 8) & 255}.${bits & 255}`;
}

/** Writes groups as RFC 5952 says: lower case, no leading zeros, the first longest run of two or more zeros as `::`. */
function formatIpv6(groups: readonly number[]): string {
  const [start, length] = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(":");
  return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): [start: number, length: number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - start > best[1]) best = [start, i - start];
    start = i + 1;
  }
  return best;
}

/** Reads dotted decimal from `from` to the end of the text; -1 when it is none. */
function parseIpv4Bits(text: string, from: number): number {
  const length = text.length;
  if (length - from < 7 || length - from > 15) return -1;
  let bits = 0;
  let octet = -1;
  let first = 0;
  let dots = 0;
  for (let i = from; i < length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      if (octet < 0) return -1;
      bits = bits * 256 + octet;
      octet = -1;
      if (++dots > 3) return -1;
      continue;
    }
    const digit = code - ZERO;
    if (digit < 0 || digit > 9) return -1;
    if (octet < 0) {
      octet = digit;
      first = digit;
    } else {
      // A leading zero is octal to some readers and decimal to others, so it is neither here.
      if (first === 0) return -1;
      octet = octet * 10 + digit;
      if (octet > 255) return -1;
    }
  }
  return dots === 3 && octet >= 0 ? bits * 256 + octet : -1;
}

/** Reads one IPv6 address as its eight groups, of IPv4-mapped ones too; null when the text is none. */
export function parseIpv6(text: string): readonly number[] | null {
  const length = text.length;
  if (length < 2 || length > 45) return null;
  const groups: number[] = [];
  let gapAt = -1;
  let i = 0;
  if (text.charCodeAt(0) === COLON) {
    if (text.charCodeAt(1) !== COLON) return null;
    gapAt = 0;
    i = 2;
  }
  while (i < length) {
    const start = i;
    let group = 0;
    let code = 0;
    for (; i < length; i++) {
      code = text.charCodeAt(i);
      const digit = hexDigit(code);
      if (digit < 0) break;
      group = group * 16 + digit;
      if (i - start >= 4) return null;
    }
    if (i < length && code === DOT) {
      const bits = parseIpv4Bits(text, start);
      if (bits < 0) return null;
      groups.push(bits >>> 16, bits & 0xffff);
      break;
    }
    if (i === start) return null;
    groups.push(group);
    if (i === length) break;
    if (code !== COLON) return null;
    i++;
    if (i === length) return null;
    if (text.charCodeAt(i) === COLON) {
      if (gapAt >= 0) return null;
      gapAt = groups.length;
      i++;
    }
  }
  return fillGap(groups, gapAt);
}

/** Puts zeros where `::` stands. */
function fillGap(groups: readonly number[], gapAt: number): readonly number[] | null {
  if (gapAt < 0) return groups.length === 8 ? groups : null;
  if (groups.length > 7) return null;
  const filled = [0, 0, 0, 0, 0, 0, 0, 0];
  const gap = 8 - groups.length;
  for (let i = 0; i < groups.length; i++) filled[i < gapAt ? i : i + gap] = groups[i]!;
  return filled;
}

function hexDigit(code: number): number {
  if (code >= ZERO && code <= 57) return code - ZERO;
  const lower = code | 32;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
