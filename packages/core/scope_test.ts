import { assertEquals } from "@std/assert";
import { ipv4FromBits, parseAddress } from "./address.ts";
import { classifyScope, createIpv4ScopeTable, MIXED_SCOPES, SCOPES } from "./scope.ts";

function scopeOf(text: string): string {
  return classifyScope(parseAddress(text)!);
}

// IANA's special-purpose registries: each block at its edges, and the addresses next to it.
const IPV4_EDGES: readonly (readonly [block: string, ...edges: readonly string[]])[] = [
  ["0.0.0.0/32", "0.0.0.0 unspecified", "0.0.0.1 reserved"],
  ["0.0.0.0/8", "0.0.0.1 reserved", "0.255.255.255 reserved", "1.0.0.0 global"],
  ["10.0.0.0/8", "9.255.255.255 global", "10.0.0.0 private", "10.255.255.255 private", "11.0.0.0 global"],
  [
    "100.64.0.0/10",
    "100.63.255.255 global",
    "100.64.0.0 cgnat",
    "100.127.255.255 cgnat",
    "100.128.0.0 global",
  ],
  [
    "127.0.0.0/8",
    "126.255.255.255 global",
    "127.0.0.0 loopback",
    "127.255.255.255 loopback",
    "128.0.0.0 global",
  ],
  [
    "169.254.0.0/16",
    "169.253.255.255 global",
    "169.254.0.0 link_local",
    "169.254.255.255 link_local",
    "169.255.0.0 global",
  ],
  [
    "172.16.0.0/12",
    "172.15.255.255 global",
    "172.16.0.0 private",
    "172.31.255.255 private",
    "172.32.0.0 global",
  ],
  [
    "192.0.0.0/24",
    "191.255.255.255 global",
    "192.0.0.0 reserved",
    "192.0.0.255 reserved",
    "192.0.1.0 global",
  ],
  ["192.0.0.8/32 dummy", "192.0.0.7 reserved", "192.0.0.8 reserved"],
  ["192.0.0.9/32 port control", "192.0.0.9 global"],
  ["192.0.0.10/32 TURN", "192.0.0.10 global", "192.0.0.11 reserved"],
  ["192.0.0.170/31 NAT64 discovery", "192.0.0.170 reserved", "192.0.0.171 reserved"],
  [
    "192.0.2.0/24",
    "192.0.1.255 global",
    "192.0.2.0 documentation",
    "192.0.2.255 documentation",
    "192.0.3.0 global",
  ],
  ["192.31.196.0/24 AS112", "192.31.196.0 global", "192.31.196.255 global"],
  ["192.52.193.0/24 AMT", "192.52.193.0 global", "192.52.193.255 global"],
  [
    "192.88.99.0/24",
    "192.88.98.255 global",
    "192.88.99.0 reserved",
    "192.88.99.255 reserved",
    "192.88.100.0 global",
  ],
  [
    "192.168.0.0/16",
    "192.167.255.255 global",
    "192.168.0.0 private",
    "192.168.255.255 private",
    "192.169.0.0 global",
  ],
  ["192.175.48.0/24 AS112", "192.175.48.0 global", "192.175.48.255 global"],
  [
    "198.18.0.0/15",
    "198.17.255.255 global",
    "198.18.0.0 benchmarking",
    "198.19.255.255 benchmarking",
    "198.20.0.0 global",
  ],
  [
    "198.51.100.0/24",
    "198.51.99.255 global",
    "198.51.100.0 documentation",
    "198.51.100.255 documentation",
    "198.51.101.0 global",
  ],
  [
    "203.0.113.0/24",
    "203.0.112.255 global",
    "203.0.113.0 documentation",
    "203.0.113.255 documentation",
    "203.0.114.0 global",
  ],
  ["224.0.0.0/4", "223.255.255.255 global", "224.0.0.0 multicast", "239.255.255.255 multicast"],
  ["240.0.0.0/4", "240.0.0.0 reserved", "255.255.255.254 reserved"],
  ["255.255.255.255/32", "255.255.255.255 broadcast"],
];

const ONES = "ffff:ffff:ffff:ffff";

const IPV6_EDGES: readonly (readonly [block: string, ...edges: readonly string[]])[] = [
  ["::/128 and ::1/128", ":: unspecified", "::1 loopback", "::2 reserved"],
  ["IPv4-compatible", "::8.8.8.8 reserved"],
  ["::ffff:0:0/96", "::ffff:10.0.0.1 private", "::ffff:8.8.8.8 global", "::fffe:8.8.8.8 reserved"],
  [
    "64:ff9b::/96",
    `64:ff9a:${ONES}:ffff:ffff reserved`,
    "64:ff9b:: global",
    "64:ff9b::ffff:ffff global",
    "64:ff9b::1:0:0 reserved",
  ],
  ["64:ff9b:1::/48", "64:ff9b:1:: reserved", `64:ff9b:1:${ONES}:ffff reserved`],
  ["100::/64", "100:: reserved", `100::${ONES} reserved`],
  ["2000::/3", `1fff:ffff:ffff:ffff:${ONES} reserved`, "2000:: global"],
  [
    "2001::/23 and 2001::/32",
    `2000:ffff:ffff:ffff:${ONES} global`,
    "2001:: reserved",
    "2001:0:0:1:: reserved",
  ],
  ["2001::/23, end", `2001:1ff:ffff:ffff:${ONES} reserved`, "2001:200:: global"],
  [
    "2001:1::1 to 3",
    "2001:1:: reserved",
    "2001:1::1 global",
    "2001:1::2 global",
    "2001:1::3 global",
    "2001:1::4 reserved",
  ],
  [
    "2001:2::/48",
    `2001:1:ffff:ffff:${ONES} reserved`,
    "2001:2:: benchmarking",
    `2001:2:0:ffff:${ONES} benchmarking`,
    "2001:2:1:: reserved",
  ],
  ["2001:3::/32", `2001:2:ffff:ffff:${ONES} reserved`, "2001:3:: global", `2001:3:ffff:ffff:${ONES} global`],
  [
    "2001:4:112::/48",
    `2001:4:111:ffff:${ONES} reserved`,
    "2001:4:112:: global",
    `2001:4:112:ffff:${ONES} global`,
    "2001:4:113:: reserved",
  ],
  ["2001:10::/28", "2001:10:: reserved", `2001:1f:ffff:ffff:${ONES} reserved`],
  ["2001:20::/28", "2001:20:: global", `2001:2f:ffff:ffff:${ONES} global`],
  ["2001:30::/28", "2001:30:: global", `2001:3f:ffff:ffff:${ONES} global`, "2001:40:: reserved"],
  [
    "2001:db8::/32",
    `2001:db7:ffff:ffff:${ONES} global`,
    "2001:db8:: documentation",
    `2001:db8:ffff:ffff:${ONES} documentation`,
    "2001:db9:: global",
  ],
  ["2002::/16", "2002:: global", `2002:ffff:ffff:ffff:${ONES} global`],
  ["2620:4f:8000::/48", "2620:4f:8000:: global"],
  [
    "3fff::/20",
    `3ffe:ffff:ffff:ffff:${ONES} global`,
    "3fff:: documentation",
    `3fff:fff:ffff:ffff:${ONES} documentation`,
    "3fff:1000:: global",
  ],
  ["2000::/3, end", `3fff:ffff:ffff:ffff:${ONES} global`, "4000:: reserved"],
  ["5f00::/16", "5f00:: reserved", `5f00:ffff:ffff:ffff:${ONES} reserved`],
  [
    "fc00::/7",
    `fbff:ffff:ffff:ffff:${ONES} reserved`,
    "fc00:: private",
    `fdff:ffff:ffff:ffff:${ONES} private`,
  ],
  ["fe00::/9", "fe00:: reserved", `fe7f:ffff:ffff:ffff:${ONES} reserved`],
  ["fe80::/10", "fe80:: link_local", `febf:ffff:ffff:ffff:${ONES} link_local`],
  ["fec0::/10", "fec0:: reserved", `feff:ffff:ffff:ffff:${ONES} reserved`],
  ["ff00::/8", "ff00:: multicast", `ffff:ffff:ffff:ffff:${ONES} multicast`],
];

function assertEdges(blocks: readonly (readonly [block: string, ...edges: readonly string[]])[]): void {
  for (const [block, ...edges] of blocks) {
    for (const edge of edges) {
      const address = edge.split(" ")[0]!;
      assertEquals(`${address} ${scopeOf(address)}`, edge, block);
    }
  }
}

Deno.test("classifyScope() knows the edges of every IPv4 block of the registry", () => {
  assertEdges(IPV4_EDGES);
});

Deno.test("classifyScope() knows the edges of every IPv6 block of the registry", () => {
  assertEdges(IPV6_EDGES);
});

Deno.test("classifyScope() calls well-known public addresses global", () => {
  for (const text of ["8.8.8.8", "1.1.1.1", "193.0.14.129", "2001:4860:4860::8888", "2606:4700:4700::1111"]) {
    assertEquals(scopeOf(text), "global", text);
  }
});

Deno.test("createIpv4ScopeTable() agrees with classifyScope() wherever it knows one scope", () => {
  const table = createIpv4ScopeTable();
  const mixed: number[] = [];
  for (const [first, scope] of table.entries()) {
    if (scope === MIXED_SCOPES) mixed.push(first);
    else {
      for (const last of [0, 0x8000, 0xffff]) {
        assertEquals(
          SCOPES[scope],
          classifyScope(ipv4FromBits((first * 65_536 + last) >>> 0)),
          String(first),
        );
      }
    }
  }
  const listed = ["0.0", "192.0", "192.88", "198.51", "203.0", "255.255"];
  assertEquals(mixed.map((first) => `${first >> 8}.${first & 255}`), listed);
});
