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

/** Reads one address; null when the text is none. IPv4-mapped IPv6 becomes IPv4. */
export function parseAddress(text: string): IpAddress | null {
  throw new Error(`not yet ${text}`);
}
