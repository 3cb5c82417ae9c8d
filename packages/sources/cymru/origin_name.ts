import type { IpAddress } from "@ipcascade/core";

/**
 * The DNS name under which Team Cymru tells an address's origin: the octets of an IPv4 address, or all 32 nibbles
 * of an IPv6 address, last one first.
 */
export function formatOriginName(address: IpAddress): string {
  if (address.family === 4) return `${address.text.split(".").reverse().join(".")}.origin.asn.cymru.com`;
  const nibbles = address.groups.map((group) => group.toString(16).padStart(4, "0")).join("");
  return `${Array.from(nibbles).reverse().join(".")}.origin6.asn.cymru.com`;
}
