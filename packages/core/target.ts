import { type IpAddress, ipv4FromBits, ipv6FromGroups, parseAddress } from "./address.ts";

/** What somebody may name: one address, or a block (`192.0.2.0/24`) or range (`192.0.2.1-192.0.2.9`) of them. */
export type Target =
  | { readonly kind: "address"; readonly address: IpAddress }
  | { readonly kind: "span"; readonly first: IpAddress; readonly count: bigint };

/** Largest block or range that is expanded unless told otherwise: a /12 of IPv4. */
export const DEFAULT_MAX_SPAN = 1_048_576;

/** Largest block or range that is expanded, in addresses; with a word of who asks on how to allow more. */
export type SpanLimit = number | { readonly max: number; readonly advice: string };

/** Reads an address, a CIDR block or a range `first-last`; null when the text is none of them. */
export function parseTarget(text: string): Target | null {
  const address = parseAddress(text);
  if (address !== null) return { kind: "address", address };
  const slash = text.indexOf("/");
  if (slash > 0) return parseBlock(text.slice(0, slash), text.slice(slash + 1));
  const dash = text.indexOf("-");
  return dash > 0 ? parseRange(text.slice(0, dash).trim(), text.slice(dash + 1).trim()) : null;
}

function parseBlock(base: string, length: string): Target | null {
  const address = parseAddress(base);
  if (address === null || !/^(0|[1-9]\d{0,2})$/.test(length)) return null;
  // A mapped block counts its prefix from the IPv6 side: ::ffff:1.2.3.0/120 is 1.2.3.0/24.
  const mapped = address.family === 4 && base.includes(":");
  const prefix = Number(length) - (mapped ? 96 : 0);
  const width = address.family === 4 ? 32 : 128;
  if (prefix < 0 || prefix > width) return null;
  const count = 1n << BigInt(width - prefix);
  const first = (toInteger(address) / count) * count;
  return { kind: "span", first: fromInteger(first, address.family), count };
}

function parseRange(from: string, to: string): Target | null {
  const first = parseAddress(from);
  const last = parseAddress(to);
  if (first === null || last === null || first.family !== last.family) return null;
  const count = toInteger(last) - toInteger(first) + 1n;
  return count > 0n ? { kind: "span", first, count } : null;
}

/** Yields the addresses of a target one by one, in order, without holding them. */
export function* expandTarget(target: Target): Generator<IpAddress> {
  if (target.kind === "address") {
    yield target.address;
    return;
  }
  const { first, count } = target;
  if (first.family === 4) {
    for (let i = 0; i < Number(count); i++) yield ipv4FromBits(first.bits + i);
    return;
  }
  const base = toInteger(first);
  for (let i = 0n; i < count; i++) yield fromInteger(base + i, 6);
}

function toInteger(address: IpAddress): bigint {
  if (address.family === 4) return BigInt(address.bits);
  return address.groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}

function fromInteger(value: bigint, family: 4 | 6): IpAddress {
  if (family === 4) return ipv4FromBits(Number(value));
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((value >> shift) & 0xffffn));
  return ipv6FromGroups(groups);
}
