import { assertEquals } from "@std/assert";
import { formatNetwork } from "./mmdb_network.ts";

/** The sides on the way to an address of so many groups of bits, given as hexadecimal digits. */
function sidesOf(hex: string): Uint8Array {
  return Uint8Array.from(
    [...hex].flatMap((digit) => [3, 2, 1, 0].map((bit) => (parseInt(digit, 16) >> bit) & 1)),
  );
}

const NETWORKS: readonly (readonly [hex: string, length: number, ipVersion: 4 | 6, network: string])[] = [
  ["08080800", 24, 4, "8.8.8.0/24"],
  ["ffffffff", 32, 4, "255.255.255.255/32"],
  ["80000000", 1, 4, "128.0.0.0/1"],
  // What is left of an earlier, longer path does not count.
  ["ffffffff", 4, 4, "240.0.0.0/4"],
  [`${"0".repeat(24)}08080800`, 120, 6, "8.8.8.0/24"],
  [`${"0".repeat(24)}ffffffff`, 96, 6, "0.0.0.0/0"],
  [`${"0".repeat(24)}ffffffff`, 95, 6, "::/95"],
  [`${"0".repeat(20)}ffff01020300`, 120, 6, "1.2.3.0/24"],
  [`${"0".repeat(20)}ffff00000000`, 88, 6, "::ff00:0:0/88"],
  ["20010db8000000000000000000000000", 32, 6, "2001:db8::/32"],
  ["2001ffffffffffffffffffffffffffff", 128, 6, "2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128"],
  ["80000000000000000000000000000000", 1, 6, "8000::/1"],
];

for (const [hex, length, ipVersion, network] of NETWORKS) {
  Deno.test(`formatNetwork() writes ${network} of an IPv${ipVersion} tree`, () => {
    assertEquals(formatNetwork(sidesOf(hex), length, ipVersion), network);
  });
}
