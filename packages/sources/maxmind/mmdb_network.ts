import { ipv4FromBits, ipv6FromGroups } from "@ipcascade/core";

/** Bits before an IPv4 address in an IPv6 tree (`::/96`), and in its IPv4-mapped form. */
const IPV4_DEPTH = 96;

/**
 * Writes the network that a path through a tree leads to, in CIDR notation. `sides` has the side taken at each of
 * the first `length` nodes. What lies under `::/96` is IPv4.
 */
export function formatNetwork(sides: Uint8Array, length: number, ipVersion: 4 | 6): string {
  if (ipVersion === 4) return `${ipv4FromBits(readWord(sides, 0, length)).text}/${length}`;
  const words = [0, 32, 64, 96].map((start) => readWord(sides, start, length));
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  const isIpv4 = length >= IPV4_DEPTH && words[0] === 0 && words[1] === 0 && words[2] === 0;
  if (isIpv4) return `${ipv4FromBits(words[3]!).text}/${length - IPV4_DEPTH}`;
  const address = ipv6FromGroups(groups);
  // A mapped address is written as IPv4, and has its bits alone.
  return `${address.text}/${address.family === 4 ? length - IPV4_DEPTH : length}`;
}

/** The 32 bits from `start` on; zero from `length` on. */
function readWord(sides: Uint8Array, start: number, length: number): number {
  let word = 0;
  for (let bit = 0; bit < 32 && start + bit < length; bit++) word |= sides[start + bit]! << (31 - bit);
  return word >>> 0;
}
