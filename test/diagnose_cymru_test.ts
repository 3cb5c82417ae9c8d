import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type CircuitStore, CLOSED_CIRCUIT, MS_PER_HOUR, MS_PER_MINUTE, StoreError } from "@ipcascade/core";
import {
  createCymruDiagnosis,
  CYMRU_PATIENCE,
  type CymruDiagnosisDeps,
  type CymruPatience,
  diagnoseCymru,
  type Diagnosis,
  mendDiagnosis,
  type NetworkPlace,
  type PatternHour,
  type RequestPattern,
} from "@ipcascade/operations";
import { renderDiagnosis } from "@ipcascade/render";
import { createCymruSource } from "@ipcascade/sources";
import { type Lab, openLab } from "@ipcascade/testkit/lab";
import { createTxtResolver } from "../packages/platform/dns_txt.ts";
import { createNetworkProbes } from "../packages/platform/network_probes.ts";
import { createNodeClock } from "../packages/platform/node_clock.ts";
import { connectTcp } from "../packages/platform/tcp.ts";
import { findClosedPort, openBlackhole } from "../packages/platform/testing/blackhole.ts";

const clock = createNodeClock();

/** How often each cause is made and must be named. */
const REPEATS = 5;

/** The longest look of a test; what is silent is waited for that long. */
const TIMEOUT_MS = 1_500;

function placeOf(text: string): NetworkPlace {
  const [host = "", port = ""] = text.split(":");
  return { host, port: Number(port) };
}

/** A circuit without a database. */
function memoryCircuits(state = CLOSED_CIRCUIT): CircuitStore {
  let current = state;
  return {
    readCircuit: () => Promise.resolve(current),
    changeCircuit: (_source, change) => {
      const before = current;
      current = change(before);
      return Promise.resolve({ before, after: current });
    },
  };
}

function patternOf(hours: readonly PatternHour[]): RequestPattern {
  const whois = hours.map((hour) => ({ ...hour, channel: "whois" }));
  // As many DNS questions are what Team Cymru wants.
  const dns = hours.map((hour) => ({ ...hour, channel: "dns", requests: 5_000, addresses: 5_000 }));
  return { perHour: () => Promise.resolve([...whois, ...dns]), list: () => Promise.resolve([]) };
}

interface Look extends Partial<Pick<CymruDiagnosisDeps, "circuits" | "pattern">> {
  readonly whois?: NetworkPlace;
  readonly references?: readonly NetworkPlace[];
  readonly timeoutMs?: number;
  readonly slowMs?: number;
  readonly signal?: AbortSignal;
  readonly patience?: CymruPatience;
}

/** Short looks are enough here: nothing but a fault makes the lab wait. */
const PATIENCE: CymruPatience = { connectionMs: 200, answerMs: 500 };

const SETTINGS = { dnsServer: null, cymruTimeoutMs: 30_000 } as const;

/** Team Cymru as the product wires it, against the lab. */
function wire(lab: Lab, look: Look): { readonly deps: CymruDiagnosisDeps; readonly place: NetworkPlace } {
  const place = look.whois ?? placeOf(lab.env.CYMRU_WHOIS_ADDR);
  const openCymru = (timeoutMs: number) =>
    createCymruSource({
      connect: connectTcp,
      resolveTxt: createTxtResolver({ server: placeOf(lab.env.CYMRU_DNS_SERVER) }),
      clock,
      ...place,
      timeoutMs,
    });
  const probes = { ...createNetworkProbes(clock.elapsed), openCymru };
  const { circuits = memoryCircuits(), pattern = null } = look;
  return { deps: { probes, circuits, pattern, clock }, place };
}

async function diagnose(lab: Lab, look: Look = {}) {
  const { deps, place } = wire(lab, look);
  return await diagnoseCymru(deps, {
    ...SETTINGS,
    place,
    patience: look.patience ?? PATIENCE,
    references: look.references ?? [placeOf(lab.env.GREYNOISE_API_SERVER.replace("http://", ""))],
    timeoutMs: look.timeoutMs ?? TIMEOUT_MS,
    slowMs: look.slowMs,
    signal: look.signal ?? new AbortController().signal,
  });
}

/** Looks several times at once; fails unless each look names the same cause. Gives one of the reports. */
async function findEachTime(
  cause: string,
  look: () => Promise<Diagnosis>,
  message?: string,
): Promise<Diagnosis> {
  const found = await Promise.all(Array.from({ length: REPEATS }, look));
  assertEquals(found.map((one) => one.cause), Array.from({ length: REPEATS }, () => cause), message);
  return found[0]!;
}

Deno.test("diagnoseCymru() with nothing wrong says so, each time, by one bulk session and one DNS question", async () => {
  await using lab = await openLab();
  const found = await diagnose(lab);
  assertEquals([found.cause, found.grade, found.letter, found.fix, found.steps], [
    "none",
    "ok",
    null,
    null,
    [],
  ]);
  assertEquals(found.findings.map(({ check, grade }) => `${check} ${grade}`), [
    "name ok",
    "tcp ok",
    "bulk_session ok",
    "dns ok",
    "reference ok",
    "circuit ok",
    "own_requests unknown",
    "interface ok",
  ]);
  const { cymruConnections, cymruSessions, cymruSingles, greynoiseRequests } = lab.requests;
  assertEquals([cymruConnections, cymruSessions, cymruSingles, greynoiseRequests], [2, 1, 0, 0]);
  await findEachTime("none", () => diagnose(lab));
});

Deno.test("injected cause 1: packets dropped silently are null_routed, each time, with a letter", async () => {
  await using lab = await openLab();
  using hole = await openBlackhole();
  const found = await findEachTime("null_routed", () => diagnose(lab, { whois: hole }));
  assertEquals(found.grade, "critical");
  assertStringIncludes(found.summary, "drops our packets silently; other hosts can be reached");
  assertEquals(found.findings.find(({ check }) => check === "tcp")?.message.includes("timeout"), true);
  assertMatch(
    found.letter ?? "",
    /^To: team-cymru-admin@cymru\.com\nSubject: IP Null-Routing - Request Review\n/,
  );
});

Deno.test("injected cause 1 again: a connection that is taken and never answered is null_routed, each time", async () => {
  await using lab = await openLab({ faults: { cymruWhois: { kind: "drop" } } });
  const found = await findEachTime("null_routed", () => diagnose(lab));
  assertStringIncludes(found.summary, "takes the connection and never answers");
  assert(found.duration_ms < TIMEOUT_MS + 500, `${found.duration_ms} ms`);
  assertEquals(found.findings.find(({ check }) => check === "dns")?.grade, "ok");
});

Deno.test("injected cause 2: a refused port is refused, each time", async () => {
  await using lab = await openLab();
  const whois = { host: "127.0.0.1", port: findClosedPort() };
  const found = await findEachTime("refused", () => diagnose(lab, { whois }));
  assertEquals([found.grade, found.letter], ["critical", null]);
  assertStringIncludes(found.steps.join("\n"), "CYMRU_WHOIS_ADDR");
});

Deno.test("injected cause 3: DNS broken in each way is dns_broken, each time", async () => {
  await using lab = await openLab();
  // RFC 6761: names below `.invalid` never exist.
  const nameless = { host: "whois.invalid", port: 43 };
  const unnamed = await findEachTime("dns_broken", () => diagnose(lab, { whois: nameless }));
  assertEquals(unnamed.grade, "critical");
  const others = { whois: nameless, references: [{ host: "one.invalid", port: 443 }] };
  assertStringIncludes((await diagnose(lab, others)).summary, "and neither can those of other hosts");
  for (
    const fault of [
      { kind: "drop" },
      { kind: "rcode", rcode: "SERVFAIL" },
      { kind: "rcode", rcode: "REFUSED" },
      { kind: "rcode", rcode: "NXDOMAIN" },
    ] as const
  ) {
    lab.setFault("cymruDns", fault);
    const found = await findEachTime("dns_broken", () => diagnose(lab), JSON.stringify(fault));
    assertEquals(found.grade, "warning", "bulk sessions still work");
  }
});

Deno.test("injected cause 4: a firewall of ours is local_firewall, by all hosts or by the port alone, each time", async () => {
  await using lab = await openLab();
  using whois = await openBlackhole();
  using elsewhere = await openBlackhole();
  await findEachTime("local_firewall", () => diagnose(lab, { whois, references: [elsewhere] }));
  // The same port of another host, while a third one answers on another port.
  using samePort = await openBlackhole("127.0.0.2", whois.port);
  const web = placeOf(lab.env.GREYNOISE_API_SERVER.replace("http://", ""));
  const look = { whois, references: [samePort, web] };
  const found = await findEachTime("local_firewall", () => diagnose(lab, look));
  assertStringIncludes(found.summary, "while other ports work");
  // One that refuses instead of dropping.
  const closed = { host: "127.0.0.1", port: findClosedPort() };
  const rejecting = { whois: closed, references: [{ host: "127.0.0.2", port: closed.port }, web] };
  await findEachTime("local_firewall", () => diagnose(lab, rejecting));
});

Deno.test("injected cause 5: a wrong answer is wrong_answer, from whois and from who speaks no whois, each time", async () => {
  await using lab = await openLab();
  for (const kind of ["garbage", "html", "errorLines"] as const) {
    lab.setFault("cymruWhois", { kind });
    const found = await findEachTime("wrong_answer", () => diagnose(lab), kind);
    assertStringIncludes(found.summary, "does not speak Team Cymru's protocol");
  }
  lab.setFault("cymruWhois", { kind: "notRouted" });
  const found = await findEachTime("wrong_answer", () => diagnose(lab));
  assertStringIncludes(found.summary, "says no AS for 8.8.8.8, which is of AS15169");
  lab.setFault("cymruWhois", { kind: "multiOrigin" });
  await findEachTime("none", () => diagnose(lab), "8.8.8.8 may have a further origin");
});

Deno.test("diagnoseCymru() names a connection that is broken off broken_off", async () => {
  await using lab = await openLab();
  for (const fault of [{ kind: "reset" }, { kind: "cut", after: 0.1 }] as const) {
    lab.setFault("cymruWhois", fault);
    await findEachTime("broken_off", () => diagnose(lab), fault.kind);
  }
});

Deno.test("diagnoseCymru() names a slow answer slow, and points to CYMRU_TIMEOUT", async () => {
  await using lab = await openLab({ faults: { cymruWhois: { kind: "delay", ms: 400 } } });
  const found = await diagnose(lab, { slowMs: 200 });
  assertEquals([found.cause, found.grade], ["slow", "warning"]);
  assertStringIncludes(found.steps.join("\n"), "CYMRU_TIMEOUT from 30s to 60s");
  assertEquals((await diagnose(lab, { slowMs: 1_000 })).cause, "none");
});

Deno.test("diagnoseCymru() tells an open circuit with nothing wrong, and its fix closes it", async () => {
  await using lab = await openLab();
  const now = Date.now();
  const open = {
    ...CLOSED_CIRCUIT,
    failures: 2,
    trips: 1,
    openedAt: now - MS_PER_MINUTE,
    openUntil: now + MS_PER_HOUR,
    reason: "timeout: no answer at all: dropped silently, perhaps null-routed",
  };
  const circuits = memoryCircuits(open);
  const { deps, place } = wire(lab, { circuits });
  const tool = createCymruDiagnosis(deps, { ...SETTINGS, place, references: [] });
  const options = { timeoutMs: TIMEOUT_MS, signal: new AbortController().signal, clock };
  const found = await tool.diagnose(options);
  assertEquals([found.cause, found.grade, found.fix?.applied], ["circuit_open", "warning", false]);
  const mended = await mendDiagnosis(found, tool, options);
  assertEquals([mended.fix?.applied, mended.fix?.grade_after], [true, "ok"]);
  assertStringIncludes(mended.fix?.result ?? "", "the circuit is closed; afterwards: ok");
  assertEquals((await circuits.readCircuit("cymru")).openUntil, null);
});

Deno.test("trap 18: diagnoseCymru() finds our own requests abusive, and the letter does not deny it", async () => {
  await using lab = await openLab();
  const hourAt = Date.UTC(2026, 10, 23, 12);
  const abusive = patternOf([{ hourAt, requests: 61, addresses: 61 }]);
  const found = await diagnose(lab, { pattern: abusive });
  assertEquals([found.cause, found.grade], ["abusive_pattern", "warning"]);
  assertStringIncludes(
    found.summary,
    "61 sessions of 1 address each in the hour from 2026-11-23T12:00:00.000Z",
  );
  lab.setFault("cymruWhois", { kind: "drop" });
  const nullRouted = await diagnose(lab, { pattern: abusive });
  assertEquals(nullRouted.cause, "null_routed");
  assertStringIncludes(nullRouted.letter ?? "", "That is not how we mean to use it");
  const fair = await diagnose(lab, { pattern: patternOf([{ hourAt, requests: 3, addresses: 9_000 }]) });
  assertStringIncludes(fair.letter ?? "", "we opened 3 sessions about 9000 addresses");
  assertEquals(fair.letter?.includes("not how we mean"), false);
});

Deno.test("the letter tells when, from where, what was asked, what works, and leaves blanks for people only", async () => {
  await using lab = await openLab({ faults: { cymruWhois: { kind: "drop" } } });
  const openedAt = Date.UTC(2026, 10, 23, 11, 30);
  const circuits = memoryCircuits({
    ...CLOSED_CIRCUIT,
    failures: 4,
    openedAt,
    openUntil: openedAt,
    reason: "timeout",
  });
  const found = await diagnose(lab, { circuits });
  const letter = found.letter ?? "";
  for (
    const part of [
      "Our address: [your public address, behind which the machine is 127.0.0.1]",
      `Seen at ${found.checked_at.slice(0, 13)}`,
      "Failing since 2026-11-23T11:30:00.000Z or before, 4 times in a row (timeout).",
      `Asked: a bulk session (begin, verbose, 8.8.8.8, end) with ${lab.env.CYMRU_WHOIS_ADDR}.`,
      `Reached at the same time, from the same machine: ${
        lab.env.GREYNOISE_API_SERVER.replace("http://", "")
      }.`,
      "Your DNS service (origin.asn.cymru.com) answers us as it should.",
      "We use the official bulk netcat interface on TCP port 43",
      "We send no HTTP requests.",
    ]
  ) assertStringIncludes(letter, part);
  const page = renderDiagnosis(found);
  const order = [
    "Diagnosis of cymru: critical, null_routed;",
    "\nEvidence\n",
    "\nSteps\n  1. ",
    "\nLetter\n  To: ",
  ];
  const places = order.map((part) => page.indexOf(part));
  assertEquals(places.toSorted((a, b) => a - b), places, page);
  assertEquals(places.includes(-1), false, page);
});

Deno.test("traps 25 and 45: diagnoseCymru() answers in time when the database hangs or is gone", async () => {
  await using lab = await openLab();
  const hanging = { ...memoryCircuits(), readCircuit: () => new Promise<never>(() => {}) };
  const hung = await diagnose(lab, { circuits: hanging, timeoutMs: 1_200 });
  assertEquals([hung.cause, hung.grade], ["unknown", "unknown"], "half a look");
  assert(hung.duration_ms < 1_200, `${hung.duration_ms} ms`);
  assertStringIncludes(
    hung.findings.find(({ check }) => check === "circuit")?.message ?? "",
    "did not end within",
  );
  const gone = {
    ...memoryCircuits(),
    readCircuit: () => Promise.reject(new StoreError("Cannot connect: gone")),
  };
  const lost = await diagnose(lab, { circuits: gone });
  assertEquals([lost.cause, lost.grade], ["unknown", "unknown"]);
  assertStringIncludes(lost.summary, "Team Cymru answers right, but");
  assertEquals(lost.steps, ["See what is wrong with the database: ipcascade diagnose latency"]);
  assertEquals(lost.findings.find(({ check }) => check === "circuit")?.grade, "unknown");
});

Deno.test("diagnoseCymru() blames nobody for silence that it hardly waited for", async () => {
  await using lab = await openLab({ faults: { cymruWhois: { kind: "drop" } } });
  using hole = await openBlackhole();
  const short = { patience: CYMRU_PATIENCE, timeoutMs: 600 };
  for (const look of [short, { ...short, whois: hole }]) {
    const found = await diagnose(lab, look);
    assertEquals([found.cause, found.grade, found.letter], ["unknown", "unknown", null]);
    assertStringIncludes(found.summary, "too short a wait to tell silent from slow");
    assertEquals(found.steps, ["Try again with more time: ipcascade diagnose cymru --timeout 60"]);
  }
});

Deno.test("diagnoseCymru() that is stopped is unknown, at once", async () => {
  await using lab = await openLab();
  using hole = await openBlackhole();
  const stop = new AbortController();
  const looking = diagnose(lab, { whois: hole, timeoutMs: 60_000, signal: stop.signal });
  stop.abort();
  const found = await looking;
  assertEquals([found.cause, found.grade], ["unknown", "unknown"]);
  assert(found.duration_ms < 1_000, `${found.duration_ms} ms`);
});

Deno.test("runbook: what speaks to Team Cymru knows no HTTP", async () => {
  const dir = new URL("../packages/sources/cymru/", import.meta.url);
  let files = 0;
  for await (const { name } of Deno.readDir(dir)) {
    if (!name.endsWith(".ts") || name.endsWith("_test.ts")) continue;
    files++;
    const text = await Deno.readTextFile(new URL(name, dir));
    assertEquals(/\bfetch\b|https?:\/\/\S*cymru/i.test(text), false, name);
  }
  assert(files > 5);
});
