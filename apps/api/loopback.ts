import { classifyScope, parseAddress } from "@ipcascade/core";

/** Tells whether an address or a name stands for this machine alone; IPv4 within IPv6 counts as IPv4. */
export function isLoopback(host: string): boolean {
  if (host === "localhost") return true;
  const address = parseAddress(host);
  return address !== null && classifyScope(address) === "loopback";
}
