import {
  assert,
  assertEquals,
  assertGreater,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { listWorld, WORLD } from "../world.ts";
import { askWhois, bulk } from "./_client.ts";
import { openLab } from "./lab.ts";

const NAMELESS = listWorld("multi_origin")[0]!.address;

Deno.test("the whois stand-in answers a bulk session with one row an address", async () => {
  await using lab = await openLab();
  const request = bulk(["8.8.8.8", "10.0.0.1", "zzz.zzz", "2001:4860:4860::8888"]);
  const { lines } = await askWhois(lab.env.CYMRU_WHOIS_ADDR, request);
  assertEquals(lines, [
    "Bulk mode; whois.cymru.com [2026-11-23 12:00:00 +0000]",
    "15169   | 8.8.8.8          | 8.8.8.0/24          | US | arin     | 2023-12-28 | GOOGLE - Google LLC, US",
    "NA      | 10.0.0.1         | NA                  |    | other    |            | NA",
    "Error: no ASN or IP match on line 6.",
    "15169   | 2001:4860:4860::8888 | 2001:4860::/32      | US | arin     | 2005-03-14 | GOOGLE - Google LLC, US",
  ]);
  const { cymruConnections, cymruSessions, cymruAddresses, cymruSingles } = lab.requests;
  assertEquals([cymruConnections, cymruSessions, cymruAddresses, cymruSingles], [1, 1, 4, 0]);
  assertEquals(lab.requests.of("cymruWhois")[0]?.addresses?.[0], "8.8.8.8");
});

Deno.test("the whois stand-in answers a session whose lines end in CRLF", async () => {
  await using lab = await openLab();
  const { lines } = await askWhois(lab.env.CYMRU_WHOIS_ADDR, bulk(["8.8.8.8"]).replaceAll("\n", "\r\n"));
  assertEquals(lines.length, 2);
});

Deno.test("the whois stand-in shows fewer columns when not asked to be verbose", async () => {
  await using lab = await openLab();
  const { lines } = await askWhois(lab.env.CYMRU_WHOIS_ADDR, "begin\nheader\n8.8.8.8\nend\n");
  assertEquals(lines.slice(1), [
    "AS      | IP               | AS Name",
    "15169   | 8.8.8.8          | GOOGLE - Google LLC, US",
  ]);
});

Deno.test("the whois stand-in counts single queries apart", async () => {
  await using lab = await openLab();
  const { lines } = await askWhois(lab.env.CYMRU_WHOIS_ADDR, " -v 8.8.8.8\n");
  assertEquals(lines.length, 2);
  assertStringIncludes(lines[1]!, "GOOGLE");
  assertEquals([lab.requests.cymruSingles, lab.requests.cymruSessions], [1, 0]);
});

Deno.test("the whois stand-in sends names as Latin-1 and with bars", async () => {
  await using lab = await openLab();
  const addresses = WORLD.filter(({ origins }) => /Universität|\|/.test(origins[0]?.asName ?? ""));
  const { text } = await askWhois(lab.env.CYMRU_WHOIS_ADDR, bulk(addresses.map(({ address }) => address)));
  assertStringIncludes(text, "Universit\xe4t");
  assertStringIncludes(text, "LEASEWEB-NL-AMS-01 | FINE PIPE");
});

Deno.test("the whois stand-in sends several rows for several origins", async () => {
  await using lab = await openLab();
  const { lines } = await askWhois(lab.env.CYMRU_WHOIS_ADDR, bulk([NAMELESS]));
  assertEquals(lines.length, 3);
  assertNotEquals(lines[1]!.split("|")[0], lines[2]!.split("|")[0]);
});

Deno.test("the whois stand-in changes its rows as faults say", async () => {
  await using lab = await openLab();
  const ask = async (addresses: readonly string[]) =>
    (await askWhois(lab.env.CYMRU_WHOIS_ADDR, bulk(addresses))).lines.slice(1);
  const many = WORLD.slice(0, 40).map(({ address }) => address);
  const plain = await ask(many);

  lab.setFault("cymruWhois", { kind: "order", order: "reversed" });
  assertEquals(await ask(many), [...plain].reverse());
  lab.setFault("cymruWhois", { kind: "order", order: "shuffled" });
  const shuffled = await ask(many);
  assertNotEquals(shuffled, plain);
  assertEquals([...shuffled].sort(), [...plain].sort());
  lab.setFault("cymruWhois", { kind: "duplicated" });
  assertEquals((await ask(["8.8.8.8"])).length, 2);
  lab.setFault("cymruWhois", { kind: "ipv6Spelling", spelling: "upper" });
  assertStringIncludes((await ask(["2a01:4f8::a"]))[0]!, "2A01:4F8::A ");
  lab.setFault("cymruWhois", { kind: "ipv6Spelling", spelling: "expanded" });
  assertStringIncludes((await ask(["2a01:4f8::a"]))[0]!, "2a01:04f8:0000:0000:0000:0000:0000:000a");
  lab.setFault("cymruWhois", [{ kind: "latin1" }, { kind: "header" }]);
  assertMatch((await ask(["8.8.8.8"])).join("\n"), /^AS +\| IP[^]*Universit\xe4t GOOGLE/);
  lab.setFault("cymruWhois", { kind: "notRouted", addresses: ["8.8.8.8"] });
  assertEquals((await ask(["8.8.8.8", "1.1.1.1"])).map((row) => row.split(" ")[0]), ["NA", "13335"]);
  lab.setFault("cymruWhois", { kind: "multiOrigin" });
  assertEquals((await ask(["8.8.8.8"])).map((row) => row.split(" ")[0]), ["115169", "15169"]);
  lab.setFault("cymruWhois", { kind: "errorLines", share: 0.5 });
  const errors = (await ask(many)).filter((row) => row.startsWith("Error:")).length;
  assert(errors > 8 && errors < 32, `${errors} of 40`);
});

Deno.test("the whois stand-in fails as faults say", async () => {
  await using lab = await openLab();
  const address = lab.env.CYMRU_WHOIS_ADDR;
  const many = bulk(WORLD.map(({ address }) => address));
  const whole = (await askWhois(address, many)).text;

  lab.setFault("cymruWhois", { kind: "cut", after: 0.4, times: 1 });
  const cut = (await askWhois(address, many)).text;
  assertEquals(cut, whole.slice(0, Math.floor(whole.length * 0.4)));
  assertEquals((await askWhois(address, many)).text, whole);
  lab.setFault("cymruWhois", { kind: "reset" });
  assertEquals((await askWhois(address, many)).text, "");
  lab.setFault("cymruWhois", { kind: "drop" });
  const startedAt = performance.now();
  assertEquals((await askWhois(address, many, { maxMs: 100 })).text, "");
  assertGreater(performance.now() - startedAt, 90);
  lab.setFault("cymruWhois", { kind: "garbage" });
  assertEquals((await askWhois(address, many)).text.length, 4096);
  lab.setFault("cymruWhois", { kind: "endless", of: "line" });
  const endless = (await askWhois(address, many, { maxBytes: 1_000_000 })).text;
  assertEquals([endless.length >= 1_000_000, endless.includes("\n")], [true, false]);
  lab.setFault("cymruWhois", { kind: "endless", of: "body" });
  assertGreater((await askWhois(address, many, { maxBytes: 1_000_000 })).lines.length, 1000);
  lab.setFault("cymruWhois", { kind: "delay", ms: 60 });
  const delayedAt = performance.now();
  assertEquals((await askWhois(address, many)).text, whole);
  assertGreater(performance.now() - delayedAt, 55);
});
