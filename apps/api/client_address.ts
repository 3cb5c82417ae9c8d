import { type IpAddress, parseAddress, parseTarget } from "@ipcascade/core";

/** Who sends a request. */
export interface Client {
  /** In canonical form; `somewhere` when nobody knows. */
  readonly text: string;
  /** What its requests are counted under: the address, or the /64 of an IPv6 one. Null when nobody knows it. */
  readonly key: string | null;
  /** True for the machine itself. */
  readonly isLoopback: boolean;
  /** True for a proxy whose word counts. */
  readonly isTrusted: boolean;
}

/** Finds who sends a request. */
export interface ClientFinder {
  /** From the connection's address, and from what a trusted proxy says. */
  find(connection: string | undefined, headers: Headers): Client;
  /** True when a trusted proxy says that the client speaks https. */
  isHttps(connection: string | undefined, headers: Headers): boolean;
}

const UNKNOWN: Client = { text: "somewhere", key: null, isLoopback: false, isTrusted: false };

/** Clients that are remembered, so that addresses are not read for every request. */
const MAX_REMEMBERED = 1_000;

/** Hops that are read from the right of a header: more is nobody's set-up. */
const MAX_HOPS = 32;

/** Makes a finder that takes the word of these addresses and CIDR blocks. */
export function createClientFinder(trustedProxies: readonly string[]): ClientFinder {
  const isTrusted = createMatcher(trustedProxies);
  const remembered = new Map<string, Client>();
  const know = (text: string): Client => {
    const found = remembered.get(text);
    if (found !== undefined) return found;
    const address = parseAddress(text);
    if (address === null) return UNKNOWN;
    const client = describeClient(address, isTrusted(address));
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(text, client);
    return client;
  };
  const direct = (connection: string | undefined) => connection === undefined ? UNKNOWN : know(connection);
  return {
    find: (connection, headers) => {
      const client = direct(connection);
      return client.isTrusted ? findForwarded(headers, client, know) : client;
    },
    isHttps: (connection, headers) => {
      if (!direct(connection).isTrusted) return false;
      return headers.get("x-forwarded-proto")?.split(",").at(-1)?.trim().toLowerCase() === "https";
    },
  };
}

function describeClient(address: IpAddress, isTrusted: boolean): Client {
  const { text } = address;
  if (address.family === 4) return { text, key: text, isLoopback: address.bits >>> 24 === 127, isTrusted };
  // A customer has a /64 at least, so its addresses are one client.
  const key = `${address.groups.slice(0, 4).map((group) => group.toString(16)).join(":")}::/64`;
  return { text, key, isLoopback: text === "::1", isTrusted };
}

/** What a proxy says of its client, in whichever header it says it. */
function findForwarded(headers: Headers, direct: Client, know: (text: string) => Client): Client {
  const list = headers.get("x-forwarded-for");
  const forwarded = headers.get("forwarded");
  if (forwarded === null) return list === null ? direct : findNearest(readList(list), direct, know);
  const client = findNearest(readForwarded(forwarded), direct, know);
  if (list === null) return client;
  // A proxy that sets one of them passes the other on as its client wrote it, and nobody knows which.
  return findNearest(readList(list), direct, know).text === client.text ? client : direct;
}

/** The right-most address that is no trusted proxy: what stands left of it anybody may have written. */
function findNearest(hops: string[], direct: Client, know: (text: string) => Client): Client {
  let client = direct;
  for (const hop of hops.reverse()) {
    const found = know(hop);
    // A hop that is no address hides who is behind it.
    if (found.key === null) return client;
    client = found;
    if (!found.isTrusted) return client;
  }
  return client;
}

function readList(text: string): string[] {
  return text.split(",").slice(-MAX_HOPS).map((hop) => bareAddress(hop.trim()));
}

function readForwarded(text: string): string[] {
  return text.split(",").slice(-MAX_HOPS).map((hop) => {
    const pair = hop.split(";").find((each) => /^\s*for=/i.test(each));
    return pair === undefined
      ? ""
      : bareAddress(pair.slice(pair.indexOf("=") + 1).trim().replaceAll('"', ""));
  });
}

/** Takes port and brackets away: `[2001:db8::1]:80`, `192.0.2.1:80`. */
function bareAddress(text: string): string {
  if (text.startsWith("[")) return text.slice(1, Math.max(1, text.indexOf("]")));
  return /^[\d.]+:\d+$/.test(text) ? text.slice(0, text.indexOf(":")) : text;
}

function createMatcher(blocks: readonly string[]): (address: IpAddress) => boolean {
  const spans = blocks.map(readSpan);
  return (address) => {
    const at = toInteger(address);
    return spans.some(({ family, first, last }) => family === address.family && first <= at && at <= last);
  };
}

function readSpan(block: string): { readonly family: 4 | 6; readonly first: bigint; readonly last: bigint } {
  const target = parseTarget(block);
  if (target === null) throw new TypeError(`Cannot trust "${block}": it is no address and no block`);
  const start = target.kind === "address" ? target.address : target.first;
  const count = target.kind === "address" ? 1n : target.count;
  const first = toInteger(start);
  return { family: start.family, first, last: first + count - 1n };
}

function toInteger(address: IpAddress): bigint {
  if (address.family === 4) return BigInt(address.bits);
  return address.groups.reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
}
