import type { IpAddress, Ipv6Address } from "./address.ts";

/**
 * What an address is for, after the special-purpose registries of RFC 6890 (as IANA keeps them). Only `global`
 * addresses are asked about.
 */
export type Scope =
  | "global"
  | "private"
  | "loopback"
  | "link_local"
  | "multicast"
  | "documentation"
  | "cgnat"
  | "benchmarking"
  | "broadcast"
  | "unspecified"
  | "reserved";

interface Ipv4Block {
  readonly base: number;
  readonly length: number;
  readonly scope: Scope;
}

interface Ipv6Block {
  readonly groups: readonly number[];
  readonly length: number;
  readonly scope: Scope;
}

// Longest prefixes first: the first block that holds the address decides.
const IPV4_BLOCKS: readonly Ipv4Block[] = [
  { base: 0xffffffff, length: 32, scope: "broadcast" },
  { base: 0x00000000, length: 32, scope: "unspecified" },
  { base: 0xc0000009, length: 32, scope: "global" }, // 192.0.0.9, port control anycast (RFC 7723)
  { base: 0xc000000a, length: 32, scope: "global" }, // 192.0.0.10, TURN anycast (RFC 8155)
  { base: 0xc0000000, length: 24, scope: "reserved" }, // 192.0.0.0/24, protocol assignments
  { base: 0xc0000200, length: 24, scope: "documentation" }, // 192.0.2.0/24
  { base: 0xc6336400, length: 24, scope: "documentation" }, // 198.51.100.0/24
  { base: 0xcb007100, length: 24, scope: "documentation" }, // 203.0.113.0/24
  { base: 0xc0586300, length: 24, scope: "reserved" }, // 192.88.99.0/24, 6to4 relay, deprecated (RFC 7526)
  { base: 0xc0a80000, length: 16, scope: "private" }, // 192.168.0.0/16
  { base: 0xa9fe0000, length: 16, scope: "link_local" }, // 169.254.0.0/16
  { base: 0xc6120000, length: 15, scope: "benchmarking" }, // 198.18.0.0/15
  { base: 0xac100000, length: 12, scope: "private" }, // 172.16.0.0/12
  { base: 0x64400000, length: 10, scope: "cgnat" }, // 100.64.0.0/10
  { base: 0x0a000000, length: 8, scope: "private" }, // 10.0.0.0/8
  { base: 0x7f000000, length: 8, scope: "loopback" }, // 127.0.0.0/8
  { base: 0x00000000, length: 8, scope: "reserved" }, // 0.0.0.0/8, this network
  { base: 0xe0000000, length: 4, scope: "multicast" }, // 224.0.0.0/4
  { base: 0xf0000000, length: 4, scope: "reserved" }, // 240.0.0.0/4
];

const IPV6_BLOCKS: readonly Ipv6Block[] = [
  { groups: [0, 0, 0, 0, 0, 0, 0, 0], length: 128, scope: "unspecified" },
  { groups: [0, 0, 0, 0, 0, 0, 0, 1], length: 128, scope: "loopback" },
  { groups: [0x2001, 0x1, 0, 0, 0, 0, 0, 1], length: 128, scope: "global" }, // port control anycast
  { groups: [0x2001, 0x1, 0, 0, 0, 0, 0, 2], length: 128, scope: "global" }, // TURN anycast
  { groups: [0x2001, 0x1, 0, 0, 0, 0, 0, 3], length: 128, scope: "global" }, // DNS-SD anycast
  { groups: [0x64, 0xff9b], length: 96, scope: "global" }, // NAT64 well-known prefix
  { groups: [0x2001, 0x4, 0x112], length: 48, scope: "global" }, // AS112
  { groups: [0x2001, 0x2, 0], length: 48, scope: "benchmarking" },
  { groups: [0x2001, 0x3], length: 32, scope: "global" }, // AMT
  { groups: [0x2001, 0xdb8], length: 32, scope: "documentation" },
  { groups: [0x2001, 0x0], length: 32, scope: "reserved" }, // Teredo
  { groups: [0x2001, 0x20], length: 28, scope: "global" }, // ORCHIDv2
  { groups: [0x2001, 0x30], length: 28, scope: "global" }, // drone remote identification
  { groups: [0x2001, 0], length: 23, scope: "reserved" }, // protocol assignments
  { groups: [0x3fff], length: 20, scope: "documentation" },
  { groups: [0xfe80], length: 10, scope: "link_local" },
  { groups: [0xfc00], length: 7, scope: "private" }, // unique local
  { groups: [0xff00], length: 8, scope: "multicast" },
  { groups: [0x2000], length: 3, scope: "global" }, // global unicast
];

/** Tells what an address is for. */
export function classifyScope(address: IpAddress): Scope {
  if (address.family === 6) return classifyIpv6(address);
  const bits = address.bits;
  for (const block of IPV4_BLOCKS) {
    const shift = 32 - block.length;
    if (shift === 0 ? bits === block.base : bits >>> shift === block.base >>> shift) return block.scope;
  }
  return "global";
}

/** All scopes, in a fixed order. */
export const SCOPES = [
  "global",
  "private",
  "loopback",
  "link_local",
  "multicast",
  "documentation",
  "cgnat",
  "benchmarking",
  "broadcast",
  "unspecified",
  "reserved",
] as const satisfies readonly Scope[];

/** In a table of scopes: these 16 bits have several. */
export const MIXED_SCOPES = 255;

/** For every first 16 bits of an IPv4 address the place of its scope in `SCOPES`, or `MIXED_SCOPES`. */
export function createIpv4ScopeTable(): Uint8Array {
  const table = new Uint8Array(65_536);
  for (const { base, length, scope } of IPV4_BLOCKS.toReversed()) {
    const first = base >>> 16;
    if (length > 16) table[first] = MIXED_SCOPES;
    else table.fill(SCOPES.indexOf(scope), first, first + (1 << (16 - length)));
  }
  return table;
}

function classifyIpv6(address: Ipv6Address): Scope {
  for (const block of IPV6_BLOCKS) {
    if (isInBlock(address.groups, block)) return block.scope;
  }
  // Outside 2000::/3 nothing is handed out for global unicast.
  return "reserved";
}

function isInBlock(groups: readonly number[], block: Ipv6Block): boolean {
  let left = block.length;
  for (let i = 0; left > 0; i++, left -= 16) {
    const shift = left >= 16 ? 0 : 16 - left;
    if (groups[i]! >>> shift !== (block.groups[i] ?? 0) >>> shift) return false;
  }
  return true;
}

/** Outside 2000::/3, as blocks. */
const IPV6_OUTSIDE = ["::/3", "4000::/2", "8000::/1"];

/** Networks in CIDR notation by which a store can tell global addresses from others. */
export interface SpecialNetworks {
  /** Addresses in one of these are not global, unless they are in one of `except`. */
  readonly networks: readonly string[];
  readonly except: readonly string[];
}

/** The networks by which `classifyScope` tells `global` from the other scopes. */
export function listSpecialNetworks(): SpecialNetworks {
  const blocks = [
    ...IPV4_BLOCKS.map(({ scope, base, length }) => ({ scope, network: `${formatIpv4(base)}/${length}` })),
    ...IPV6_BLOCKS.map(({ scope, groups, length }) => ({
      scope,
      network: `${formatIpv6(groups)}/${length}`,
    })),
  ];
  const networksOf = (isGlobal: boolean) =>
    blocks.filter(({ scope }) => (scope === "global") === isGlobal).map(({ network }) => network);
  return {
    networks: [...networksOf(false), ...IPV6_OUTSIDE],
    except: networksOf(true).filter((network) => !network.endsWith("/3")),
  };
}

function formatIpv4(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join(".");
}

function formatIpv6(groups: readonly number[]): string {
  return Array.from({ length: 8 }, (_, index) => (groups[index] ?? 0).toString(16)).join(":");
}
