/** Reads an IPv4 or IPv6 address: 4 or 16 bytes in network order, or null when it is none. */
export function readAddress(text: string): Uint8Array | null {
  return text.includes(":") ? readIpv6(text) : readIpv4(text);
}

/** Reads an address that a test states itself. Throws a `TypeError` when it is none. */
export function parseAddress(text: string): Uint8Array {
  const bytes = readAddress(text);
  if (bytes === null) throw new TypeError(`Cannot parse address "${text}": not an IPv4 or IPv6 address`);
  return bytes;
}

/** Writes an address in its canonical spelling (dotted, or RFC 5952). */
export function formatAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const groups = groupsOf(bytes);
  const gap = longestZeroRun(groups);
  if (gap.length < 2) return groups.map((group) => group.toString(16)).join(":");
  const head = groups.slice(0, gap.start).map((group) => group.toString(16)).join(":");
  const tail = groups.slice(gap.start + gap.length).map((group) => group.toString(16)).join(":");
  return `${head}::${tail}`;
}

/** Writes an IPv6 address with all eight groups of four digits; an IPv4 address stays as it is. */
export function expandAddress(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  return groupsOf(bytes).map((group) => group.toString(16).padStart(4, "0")).join(":");
}

/** A network: its first address and the number of leading bits that are fixed. */
export interface Network {
  /** First address: 4 or 16 bytes. */
  readonly bytes: Uint8Array;
  /** Leading bits that are fixed. */
  readonly prefixLength: number;
}

/** Reads `ADDRESS/LENGTH`, or an address alone as its own network. Throws a `TypeError` on anything else. */
export function parseNetwork(text: string): Network {
  const [address = "", length, ...rest] = text.split("/");
  const bytes = readAddress(address);
  const prefixLength = length === undefined ? (bytes?.length ?? 0) * 8 : Number(length);
  const valid = bytes !== null && rest.length === 0 && length !== "" && Number.isInteger(prefixLength) &&
    prefixLength >= 0 && prefixLength <= bytes.length * 8;
  if (!valid) throw new TypeError(`Cannot parse network "${text}": not ADDRESS/LENGTH`);
  return { bytes: maskAddress(bytes, prefixLength), prefixLength };
}

/** Writes the network of a given length that holds an address, as `ADDRESS/LENGTH`. */
export function formatNetwork(bytes: Uint8Array, prefixLength: number): string {
  return `${formatAddress(maskAddress(bytes, prefixLength))}/${prefixLength}`;
}

/** Clears the bits of an address after the first `prefixLength`. */
export function maskAddress(bytes: Uint8Array, prefixLength: number): Uint8Array {
  return bytes.map((byte, index) => {
    const keep = Math.min(8, Math.max(0, prefixLength - index * 8));
    return byte & (0xff << (8 - keep));
  });
}

function readIpv4(text: string): Uint8Array | null {
  const parts = text.split(".");
  if (parts.length !== 4) return null;
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return null;
  return Uint8Array.from(parts, Number);
}

function readIpv6(text: string): Uint8Array | null {
  const halves = text.split("::");
  if (halves.length > 2) return null;
  const head = readGroups(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? readGroups(halves[1]!, true) : [];
  if (head === null || tail === null) return null;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return null;
  const groups = [...head, ...new Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function readGroups(text: string, mayEndDotted: boolean): number[] | null {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".") && mayEndDotted && index === parts.length - 1) {
      const dotted = readIpv4(part);
      if (dotted === null) return null;
      groups.push(dotted[0]! << 8 | dotted[1]!, dotted[2]! << 8 | dotted[3]!);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(parseInt(part, 16));
    } else {
      return null;
    }
  }
  return groups;
}

function groupsOf(bytes: Uint8Array): number[] {
  return Array.from({ length: 8 }, (_, index) => bytes[index * 2]! << 8 | bytes[index * 2 + 1]!);
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}
