import { assertEquals, assertMatch, assertNotEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { Buffer } from "node:buffer";
import { createSocket } from "node:dgram";
import { promises } from "node:dns";
import { listWorld } from "../world.ts";
import { openLab } from "./lab.ts";

function resolverFor(server: string): promises.Resolver {
  const resolver = new promises.Resolver({ timeout: 200, tries: 1 });
  resolver.setServers([server]);
  return resolver;
}

function reversed(address: string): string {
  return `${address.split(".").reverse().join(".")}.origin.asn.cymru.com`;
}

Deno.test("the DNS stand-in answers for IPv4, IPv6 and names of ASes", async () => {
  await using lab = await openLab();
  const resolver = resolverFor(lab.env.CYMRU_DNS_SERVER);
  // Not a palindrome: 4.3.2.1 would be another answer.
  assertNotEquals(
    await resolver.resolveTxt(reversed("1.2.3.4")),
    await resolver.resolveTxt(reversed("4.3.2.1")),
  );
  assertEquals(await resolver.resolveTxt(reversed("8.8.8.8")), [[
    "15169 | 8.8.8.0/24 | US | arin | 2023-12-28",
  ]]);
  const nibbles = [..."20014860486000000000000000008888"].reverse().join(".");
  const ipv6 = await resolver.resolveTxt(`${nibbles}.origin6.asn.cymru.com`);
  assertEquals(ipv6, [["15169 | 2001:4860::/32 | US | arin | 2005-03-14"]]);
  const name = await resolver.resolveTxt("AS15169.asn.cymru.com");
  assertMatch(name[0]![0]!, /^15169 \| US \| arin \| .* \| GOOGLE - Google LLC, US$/);
  assertEquals(lab.requests.dnsQueries, 5);
  assertEquals(lab.requests.of("cymruDns").map(({ addresses }) => addresses?.[0]), [
    "1.2.3.4",
    "4.3.2.1",
    "8.8.8.8",
    "2001:4860:4860::8888",
    undefined,
  ]);
});

Deno.test("the DNS stand-in says NXDOMAIN where there is no prefix", async () => {
  await using lab = await openLab();
  const resolver = resolverFor(lab.env.CYMRU_DNS_SERVER);
  for (const name of [reversed("10.0.0.1"), "AS4200000000.asn.cymru.com", "example.com"]) {
    const error = await assertRejects(() => resolver.resolveTxt(name), Error);
    assertEquals((error as { code?: string }).code, "ENOTFOUND", name);
  }
});

Deno.test("the DNS stand-in gives several origins of a prefix in one record, several prefixes in turn", async () => {
  await using lab = await openLab();
  const resolver = resolverFor(lab.env.CYMRU_DNS_SERVER);
  const shared = await resolver.resolveTxt(reversed(listWorld("multi_origin")[0]!.address));
  assertEquals(shared.length, 1);
  assertMatch(shared[0]![0]!, /^\d+ \d+ \| /);
  const name = reversed(listWorld("multi_prefix")[0]!.address);
  const [first, second] = [await resolver.resolveTxt(name), await resolver.resolveTxt(name)];
  assertEquals(first.length, 2);
  assertEquals(second, [...first].reverse());
});

Deno.test("the DNS stand-in fails as faults say", async () => {
  await using lab = await openLab();
  // Asked by hand: resolvers differ in what they make of a code.
  const codeOf = async (address: string) =>
    ((await askDns(lab.env.CYMRU_DNS_SERVER, reversed(address)))?.[3] ?? 0xff) & 15;
  lab.setFault("cymruDns", { kind: "rcode", rcode: "REFUSED", times: 1 });
  assertEquals([await codeOf("8.8.8.8"), await codeOf("8.8.8.8")], [5, 0]);
  lab.setFault("cymruDns", { kind: "rcode", rcode: "SERVFAIL" });
  assertEquals(await codeOf("8.8.8.8"), 2);
  lab.setFault("cymruDns", { kind: "notRouted" });
  assertEquals(await codeOf("8.8.8.8"), 3);
  lab.setFault("cymruDns", { kind: "drop", addresses: ["8.8.8.8"] });
  assertEquals(await askDns(lab.env.CYMRU_DNS_SERVER, reversed("8.8.8.8")), null);
  assertEquals(await codeOf("1.1.1.1"), 0);
});

Deno.test("the DNS stand-in sends letters beyond ASCII as Latin-1", async () => {
  await using lab = await openLab();
  lab.setFault("cymruDns", { kind: "latin1" });
  const reply = await askDns(lab.env.CYMRU_DNS_SERVER, "as15169.asn.cymru.com");
  assertStringIncludes(reply!.toString("latin1"), "Universit\xe4t GOOGLE");
});

/** Sends one TXT question; null when nothing comes back within 100 ms. */
async function askDns(server: string, name: string): Promise<Buffer | null> {
  const [host = "", port = ""] = server.split(":");
  const labels = name.split(".").map((label) => String.fromCharCode(label.length) + label).join("");
  const query = `\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00${labels}\x00\x00\x10\x00\x01`;
  const socket = createSocket("udp4");
  const reply = await new Promise<Buffer | null>((resolve) => {
    const timer = setTimeout(() => resolve(null), 100);
    socket.on("message", (message: Buffer) => {
      clearTimeout(timer);
      resolve(Buffer.from(message));
    });
    socket.send(Buffer.from(query, "latin1"), Number(port), host);
  });
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return reply;
}
