import { parseAddress } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { formatOriginName } from "./origin_name.ts";

for (
  const [address, name] of [
    ["216.90.108.31", "31.108.90.216.origin.asn.cymru.com"],
    ["1.2.3.4", "4.3.2.1.origin.asn.cymru.com"],
    ["::ffff:1.2.3.4", "4.3.2.1.origin.asn.cymru.com"],
    [
      "2001:db8::567:89ab",
      "b.a.9.8.7.6.5.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.origin6.asn.cymru.com",
    ],
    ["::1", `1.${"0.".repeat(31)}origin6.asn.cymru.com`],
  ] as const
) {
  Deno.test(`formatOriginName() reverses ${address}`, () => {
    assertEquals(formatOriginName(parseAddress(address)!), name);
  });
}
