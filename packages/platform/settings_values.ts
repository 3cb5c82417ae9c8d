import { type EditionCanary, parseAddress, parseQuotaPolicy, type QuotaPolicy } from "@ipcascade/core";
import { formatDuration, parseDuration } from "./settings_duration.ts";
import { readPath } from "./settings_path.ts";
import { accept, type Reading, refuse } from "./settings_reading.ts";

export { readPath };

/** A network address to connect to or to listen on. IPv6 hosts are without brackets. */
export interface NetworkAddress {
  /** Name or IP address. */
  readonly host: string;
  /** 1 to 65535. */
  readonly port: number;
}

/** Reads a whole number within bounds. */
export function readInteger(text: string, bounds: { min: number; max: number }): Reading<number> {
  const number = Number(text);
  if (/^\d{1,15}$/.test(text) && number >= bounds.min && number <= bounds.max) return accept(number);
  return refuse(`a whole number from ${bounds.min} to ${bounds.max}`);
}

/** Reads a duration of at least `minMs` milliseconds. */
export function readDuration(text: string, minMs: number): Reading<number> {
  const ms = parseDuration(text);
  if (ms !== null && ms >= minMs) return accept(ms);
  const allowed = `a duration such as 500ms, 30s, 5m or 1h30m, at least ${formatDuration(minMs)}`;
  return refuse(
    /^\d+$/.test(text) && ms === null ? `${allowed}; a number needs its unit: ${text}s` : allowed,
  );
}

/** Reads one of a few words. */
export function readChoice<Choice extends string>(text: string, choices: readonly Choice[]): Reading<Choice> {
  const choice = choices.find((each) => each === text.toLowerCase());
  return choice === undefined ? refuse(`one of ${choices.join(", ")}`) : accept(choice);
}

/** Reads `on` or `off`. */
export function readSwitch(text: string): Reading<boolean> {
  const word = text.toLowerCase();
  return word === "on" || word === "off" ? accept(word === "on") : refuse("on or off");
}

/** Reads a secret that travels in an HTTP header: printable ASCII without spaces. */
export function readHeaderSecret(text: string): Reading<string> {
  return /^[\x21-\x7e]+$/.test(text) ? accept(text) : refuse("printable ASCII without spaces");
}

/** Reads an account id: digits, as MaxMind hands them out. */
export function readAccountId(text: string): Reading<string> {
  return /^\d{1,18}$/.test(text) ? accept(text) : refuse("a number");
}

/** Reads edition ids separated by white space, as geoipupdate does. */
export function readEditionIds(text: string): Reading<readonly string[]> {
  const ids = [...new Set(text.split(/\s+/).filter((id) => id !== ""))];
  if (ids.length > 0 && ids.every((id) => /^[A-Za-z0-9-]+$/.test(id))) return accept(ids);
  return refuse(
    "edition ids of letters, digits and dashes with spaces between them: GeoLite2-City GeoLite2-ASN",
  );
}

/** Reads a URL of one of the schemes (`https:`), without a fragment; trailing slashes go. */
export function readUrl(text: string, schemes: readonly string[]): Reading<string> {
  const url = parseUrl(text);
  const allowed = `a URL of ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`;
  if (url === null || !schemes.includes(url.protocol) || url.hostname === "" || url.hash !== "") {
    return refuse(allowed);
  }
  return accept(text.replace(/\/+$/, ""));
}

/** Reads geoipupdate's `Host`: a URL, or a bare host name that means https. */
export function readUpdatesHost(text: string): Reading<string> {
  return readUrl(text.includes("://") ? text : `https://${text}`, ["https:", "http:"]);
}

/** Port of a proxy that names none; historically cURL's, and geoipupdate's. */
const PROXY_PORT = 1080;

/** Reads geoipupdate's `Proxy`: `host`, `host:port`, or either with scheme http, https or socks5. */
export function readProxy(text: string): Reading<string> {
  const scheme = text.includes("://") ? "" : "http://";
  const url = parseUrl(`${scheme}${text}`);
  if (url === null || !["http:", "https:", "socks5:"].includes(url.protocol) || url.hostname === "") {
    return refuse("host, host:port or a URL of http://, https:// or socks5://");
  }
  const authority = text.replace(/^.*:\/\//, "").replace(/\/.*$/, "").replace(/^.*@/, "");
  if (!/:\d+$/.test(authority)) url.port = String(PROXY_PORT);
  return accept(url.href.replace(/\/$/, ""));
}

/** Reads `user:password`. */
export function readUserPassword(text: string): Reading<string> {
  return /^[^:]+:.+$/.test(text) ? accept(text) : refuse("user:password");
}

/** Reads where a mirror is: an http(s) URL, or a directory as path or `file://` URL. */
export function readMirror(text: string, home: string | null): Reading<string> {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return readPath(text, home);
  const url = parseUrl(text);
  if (url?.protocol === "file:") return readPath(decodeURIComponent(url.pathname), home);
  const reading = readUrl(text, ["https:", "http:"]);
  return reading.ok ? reading : refuse("a URL of https:// or http://, or a directory");
}

/** Reads `host:port`; the port may be missing, an IPv6 host is in brackets then. */
export function readNetworkAddress(text: string, defaultPort: number): Reading<NetworkAddress> {
  const allowed = `host or host:port, such as 192.0.2.1:${defaultPort} or [2001:db8::1]:${defaultPort}`;
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match === null && parseAddress(text)?.family === 6 ? text : match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? defaultPort : Number(match[3]);
  if (host === undefined || port < 1 || port > 65_535) return refuse(allowed);
  const isIpv6 = parseAddress(host)?.family === 6;
  if (match?.[1] !== undefined ? !isIpv6 : !isIpv6 && !isHostName(host)) return refuse(allowed);
  return accept({ host, port });
}

/** More would take longer to ask than they tell. */
const MAX_NETWORK_ADDRESSES = 8;
/** An IPv6 address without brackets ends like a port. */
const HAS_PORT = /^(\[[^\]]+\]|[^:]+):\d+$/;

/** Reads up to eight `host:port` with spaces or commas between them; `off` is none. */
export function readNetworkAddresses(text: string): Reading<readonly NetworkAddress[]> {
  if (text.toLowerCase() === "off") return accept([]);
  const allowed = `up to ${MAX_NETWORK_ADDRESSES} host:port with spaces between, or off`;
  const places: NetworkAddress[] = [];
  for (const item of text.split(/[\s,]+/).filter((part) => part !== "")) {
    const reading = HAS_PORT.test(item) ? readNetworkAddress(item, 43) : refuse(allowed);
    if (!reading.ok) return refuse(allowed);
    places.push(reading.value);
  }
  return places.length > 0 && places.length <= MAX_NETWORK_ADDRESSES ? accept(places) : refuse(allowed);
}

/** Reads an interface to listen on. */
export function readHost(text: string): Reading<string> {
  const host = text.replace(/^\[(.*)\]$/, "$1");
  if (parseAddress(host) !== null || isHostName(host)) return accept(host);
  return refuse("a host name or an IP address, such as 127.0.0.1 or ::1");
}

function isHostName(text: string): boolean {
  // All digits and dots is a mistyped IPv4 address, not a name.
  return /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9])?\.?$/.test(text) && !/^[\d.]+$/.test(text) ||
    parseAddress(text)?.family === 4;
}

/** Reads a quota such as `10000/day`. */
export function readQuota(text: string): Reading<QuotaPolicy> {
  const policy = parseQuotaPolicy(text);
  return policy === null ? refuse("N/day, N/week or N/month, such as 10000/day") : accept(policy);
}

/** Reads a part of a whole: 0 to 1, with up to four decimals. */
export function readShare(text: string): Reading<number> {
  if (/^(0?\.\d{1,4}|0|1(\.0{1,4})?)$/.test(text)) return accept(Number(text));
  return refuse("a number from 0 to 1 with up to four decimals, such as 0.8");
}

/** Reads canary look-ups: `8.8.8.8=AS15169/US`, several with commas; `off` is none. */
export function readCanaries(text: string): Reading<readonly EditionCanary[]> {
  if (text.toLowerCase() === "off") return accept([]);
  const canaries: EditionCanary[] = [];
  for (const item of text.split(",")) {
    const canary = readCanary(item.trim());
    if (canary === null) {
      return refuse("IP=AS<n>, IP=<CC> or IP=AS<n>/<CC>, several with commas (8.8.8.8=AS15169/US), or off");
    }
    canaries.push(canary);
  }
  return accept(canaries);
}

function readCanary(item: string): EditionCanary | null {
  const match = /^([^=\s]+)\s*=\s*(?:AS(\d{1,10})(?:\/([A-Z]{2}))?|([A-Z]{2}))$/i.exec(item);
  const address = match === null ? null : parseAddress(match[1]!);
  if (match === null || address === null) return null;
  const asn = match[2] === undefined ? null : Number(match[2]);
  // 32 bits: RFC 6793.
  if (asn !== null && (asn < 1 || asn > 4_294_967_295)) return null;
  return { address: address.text, asn, country: (match[3] ?? match[4])?.toUpperCase() ?? null };
}

/** Reads mail addresses with commas between them. */
export function readMailAddresses(text: string): Reading<readonly string[]> {
  const addresses = text.split(",").map((address) => address.trim());
  if (addresses.every(isMailAddress)) return accept(addresses);
  return refuse("mail addresses such as ops@example.com, several with commas");
}

/** Reads one mail address, with a name before it or without: `ipcascade <ops@example.com>`. */
export function readMailAddress(text: string): Reading<string> {
  const bare = /^[^<>\r\n]*<([^<>]+)>$/.exec(text)?.[1] ?? text;
  return isMailAddress(bare) ? accept(text) : refuse("a mail address such as ops@example.com");
}

function isMailAddress(text: string): boolean {
  return /^[^\s@,<>"]+@[^\s@,<>"]+$/.test(text);
}

function parseUrl(text: string): URL | null {
  if (/\s/.test(text)) return null;
  try {
    return new URL(text);
  } catch {
    return null;
  }
}
