import { type CymruAnswer, type IpAddress, type LookupOutcome, parseAddress } from "@ipcascade/core";
import { bestOrigin, describeAddress, WORLD } from "@ipcascade/testkit";
import { type Fault, type LabProvider, openLab } from "@ipcascade/testkit/lab";
import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { openLabCymru } from "./_test_lab_sources.ts";

const read = (texts: readonly string[]): IpAddress[] => texts.map((text) => parseAddress(text)!);

/** What the world says about an address, as an outcome in short. */
function expectedOf(text: string): string {
  const { origins } = describeAddress(text);
  const best = bestOrigin(origins);
  if (best === null) return "miss";
  const asns = [...new Set(origins.map(({ asn }) => asn))].sort((a, b) => a - b);
  return `AS${best.asn} of ${asns.join()} in ${best.prefix}: ${best.asName}, ${best.countryCode} ${best.allocated}`;
}

function summarise(outcome: LookupOutcome<CymruAnswer> | undefined): string {
  if (outcome?.status === "failed") return outcome.failure.reason;
  if (outcome?.status !== "hit") return outcome?.status ?? "nothing";
  const { asn, asns, prefix, asn_org, country_code, allocated } = outcome.data;
  return `AS${asn} of ${asns.join()} in ${prefix}: ${asn_org}, ${country_code} ${allocated}`;
}

const ALL = WORLD.map(({ address }) => address);
const FEW = ALL.slice(0, 40);

for (
  const [label, faults] of [
    ["as it is", []],
    ["with a header row", [{ kind: "header" }]],
    ["in reverse", [{ kind: "order", order: "reversed" }]],
    ["shuffled and doubled", [{ kind: "order", order: "shuffled" }, { kind: "duplicated" }]],
    ["with IPv6 in capitals", [{ kind: "ipv6Spelling", spelling: "upper" }]],
    ["with IPv6 in full", [{ kind: "ipv6Spelling", spelling: "expanded" }]],
  ] as const satisfies readonly (readonly [string, readonly Fault[]])[]
) {
  Deno.test(`createCymruSource() reads the lab's bulk reply ${label}`, async () => {
    await using lab = await openLab();
    lab.setFault("cymruWhois", faults);
    const outcomes = await openLabCymru(lab).lookUpMany(read(ALL), {});
    assertEquals(ALL.map((ip) => summarise(outcomes.get(ip))), ALL.map(expectedOf));
    const { cymruConnections, cymruSessions, cymruSingles, dnsQueries } = lab.requests;
    assertEquals([cymruConnections, cymruSessions, cymruSingles, dnsQueries], [1, 1, 0, 0]);
  });
}

Deno.test("createCymruSource() reads names in Latin-1 and several origins from the lab", async () => {
  await using lab = await openLab();
  lab.setFault("cymruWhois", [{ kind: "latin1" }, { kind: "multiOrigin" }]);
  const outcomes = await openLabCymru(lab).lookUpMany(read(FEW), {});
  for (const ip of FEW) {
    const outcome = outcomes.get(ip);
    const { origins } = describeAddress(ip);
    if (origins.length === 0) continue;
    assert(outcome?.status === "hit", `${ip}: ${summarise(outcome)}`);
    assertEquals(outcome.data.asns.length, new Set(origins.map(({ asn }) => asn)).size + 1);
    assertEquals(outcome.data.asn_org, `Universität ${bestOrigin(origins)?.asName}`);
  }
});

Deno.test("createCymruSource() agrees with itself over DNS and over whois", async () => {
  await using lab = await openLab();
  const source = openLabCymru(lab);
  for (const ip of [...FEW, ...ALL.slice(-10)]) {
    const outcomes = await source.lookUpMany(read([ip]), {});
    assertEquals(summarise(outcomes.get(ip)), expectedOf(ip), ip);
  }
  assertEquals([lab.requests.cymruConnections, lab.requests.cymruSingles], [0, 0]);
});

for (
  const [label, fault, reason, rows] of [
    ["drops the session", { kind: "drop" }, "timeout", "none"],
    ["answers too late", { kind: "delay", ms: 2_000 }, "timeout", "none"],
    ["cuts the reply", { kind: "cut", after: 0.5 }, "cut", "some"],
    ["sends random bytes", { kind: "garbage" }, "garbage", "none"],
    ["sends a web page", { kind: "html" }, "garbage", "none"],
    ["sends a line without end", { kind: "endless", of: "line" }, "garbage", "none"],
    ["sends rows without end", { kind: "endless", of: "body" }, "garbage", "some"],
    ["rejects every line", { kind: "errorLines" }, "rejected", "none"],
  ] as const satisfies readonly (readonly [string, Fault, string, string])[]
) {
  Deno.test(`createCymruSource() keeps good rows and fails the rest when the lab ${label}`, async () => {
    await using lab = await openLab({ faults: { cymruWhois: fault } });
    const startedAt = performance.now();
    const outcomes = await openLabCymru(lab, { timeoutMs: 300 }).lookUpMany(read(FEW), {});
    assertLess(performance.now() - startedAt, 5_000);
    const got = FEW.map((ip) => summarise(outcomes.get(ip)));
    const failed = got.filter((text) => text === reason).length;
    const good = FEW.filter((ip, index) => got[index] === expectedOf(ip)).length;
    assertEquals(failed + good, FEW.length, got.join("\n"));
    assertGreater(failed, 0);
    assertEquals(good > 0, rows === "some", `${good} good rows`);
  });
}

Deno.test("createCymruSource() fails when the lab resets the session", async () => {
  await using lab = await openLab({ faults: { cymruWhois: { kind: "reset" } } });
  const outcomes = await openLabCymru(lab).lookUpMany(read(FEW), {});
  // Where a runtime can't send a reset the lab just closes, which is a reply cut short.
  for (const ip of FEW) assert(["unreachable", "cut"].includes(summarise(outcomes.get(ip))));
});

Deno.test("createCymruSource() tells a refusal and an unknown host from silence", async () => {
  const lab = await openLab();
  await lab.close();
  const refused = await openLabCymru(lab).lookUpMany(read(FEW), {});
  assertEquals(new Set(FEW.map((ip) => summarise(refused.get(ip)))), new Set(["refused"]));
  const unknown = await openLabCymru(lab, { whoisHost: "whois.invalid" }).lookUpMany(read(FEW), {});
  assertEquals(new Set(FEW.map((ip) => summarise(unknown.get(ip)))), new Set(["unresolved"]));
});

Deno.test("createCymruSource() rejects only the addresses that the lab can't read", async () => {
  const [bad, ...good] = FEW;
  await using lab = await openLab({ faults: { cymruWhois: { kind: "errorLines", addresses: [bad!] } } });
  const outcomes = await openLabCymru(lab).lookUpMany(read(FEW), {});
  assertEquals(summarise(outcomes.get(bad!)), "rejected");
  assertEquals(good.map((ip) => summarise(outcomes.get(ip))), good.map(expectedOf));
});

for (
  const [label, fault, expected] of [
    ["does not know the name", { kind: "notRouted" }, "miss"],
    ["says NXDOMAIN", { kind: "rcode", rcode: "NXDOMAIN" }, "miss"],
    ["fails", { kind: "rcode", rcode: "SERVFAIL" }, "server_error"],
    ["refuses", { kind: "rcode", rcode: "REFUSED" }, "server_error"],
    ["is silent", { kind: "drop" }, "timeout"],
    ["sends random bytes", { kind: "garbage" }, "timeout"],
    ["sends half a reply", { kind: "cut" }, "garbage"],
  ] as const satisfies readonly (readonly [string, Fault, string])[]
) {
  Deno.test(`createCymruSource() says ${expected} and asks no whois when the lab's DNS ${label}`, async () => {
    const faults: Partial<Record<LabProvider, Fault>> = { cymruDns: fault };
    await using lab = await openLab({ faults });
    const outcomes = await openLabCymru(lab, { timeoutMs: 400 }).lookUpMany(read(["8.8.8.8"]), {});
    assertEquals(summarise(outcomes.get("8.8.8.8")), expected);
    assertEquals(lab.requests.cymruConnections, 0);
  });
}

Deno.test("createCymruSource() answers without a name when the lab's DNS loses only that", async () => {
  const fault: Fault = { kind: "rcode", rcode: "SERVFAIL", path: "as15169.asn.cymru.com" };
  await using lab = await openLab({ faults: { cymruDns: fault } });
  const outcomes = await openLabCymru(lab).lookUpMany(read(["8.8.8.8"]), {});
  const outcome = outcomes.get("8.8.8.8");
  assertEquals(outcome?.status === "hit" && [outcome.data.asn, outcome.data.asn_org], [15169, null]);
});

Deno.test("createCymruSource() reads 10 000 addresses in one session", async () => {
  await using lab = await openLab();
  const many = Array.from(
    { length: 10_000 },
    (_, index) => `45.${100 + (index >> 12)}.${(index >> 4) & 255}.${index & 15}`,
  );
  const progress: number[] = [];
  const outcomes = await openLabCymru(lab).lookUpMany(read(many), {
    onProgress: (count) => progress.push(count),
  });
  assertEquals(many.filter((ip) => summarise(outcomes.get(ip)) !== expectedOf(ip)), []);
  assertEquals([lab.requests.cymruConnections, lab.requests.cymruAddresses], [1, 10_000]);
  assertEquals(progress.at(-1), 10_000);
  assertGreater(progress.length, 1);
});

Deno.test("createCymruSource() stops a session when its caller gives up", async () => {
  await using lab = await openLab({ faults: { cymruWhois: { kind: "drop" } } });
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(100);
  const outcomes = await openLabCymru(lab).lookUpMany(read(FEW), { signal });
  assertLess(performance.now() - startedAt, 2_000);
  assertEquals(new Set(FEW.map((ip) => summarise(outcomes.get(ip)))), new Set(["aborted"]));
});
