import { assertEquals, assertStringIncludes } from "@std/assert";
import { CLOSED_CIRCUIT, type CymruAnswer, type FailureReason, type LookupOutcome } from "@ipcascade/core";
import { compareReferences, type ReferenceWord } from "./compare_references.ts";
import type { CymruEvidence, ReferenceProbe } from "./evidence.ts";
import { type CymruCause, judgeCymru } from "./judge.ts";
import { listCymruSteps } from "./steps.ts";

function hit(asn: number, durationMs = 5): LookupOutcome<CymruAnswer> {
  const data = {
    asn,
    asns: [asn],
    asn_org: "GOOGLE",
    country_code: "US",
    registry: "arin",
    prefix: "8.8.8.0/24",
    allocated: null,
    checked_at: "2026-11-23T12:00:00.000Z",
  };
  return { status: "hit", data, durationMs };
}

function failed(reason: FailureReason): LookupOutcome<CymruAnswer> {
  return { status: "failed", failure: { reason, message: `Cannot ask: ${reason}` }, durationMs: 5 };
}

const CONNECTED = { status: "connected", localAddress: "192.0.2.1", durationMs: 5 } as const;

function broken(reason: FailureReason) {
  return { status: "failed", reason, durationMs: 5 } as const;
}

function reference(port: number, connection: ReferenceProbe["connection"]): ReferenceProbe {
  return { place: { host: "reference.example", port }, connection };
}

const SOUND: CymruEvidence = {
  place: { host: "whois.cymru.com", port: 43 },
  resolution: { status: "resolved", addresses: ["198.51.100.7"], durationMs: 5 },
  connection: CONNECTED,
  bulk: hit(15_169),
  dns: hit(15_169),
  references: [reference(43, CONNECTED), reference(443, CONNECTED)],
  circuit: { value: CLOSED_CIRCUIT },
  pattern: { value: [] },
  now: Date.UTC(2026, 10, 23, 12),
  slowMs: 5_000,
  patience: { connectionMs: 5, answerMs: 5 },
};

const CASES: readonly (readonly [cause: string, grade: string, label: string, Partial<CymruEvidence>])[] = [
  ["none", "ok", "all is well", {}],
  ["none", "ok", "a reference that is down is no fault of Team Cymru", {
    references: [reference(43, broken("refused"))],
  }],
  ["null_routed", "critical", "dropped, another whois server answers", {
    connection: broken("timeout"),
    bulk: null,
  }],
  ["null_routed", "critical", "dropped, nobody to compare with", {
    connection: broken("timeout"),
    bulk: null,
    references: [],
  }],
  ["null_routed", "critical", "dropped, the other whois server fails in another way", {
    connection: broken("timeout"),
    bulk: null,
    references: [reference(43, broken("refused")), reference(443, CONNECTED)],
  }],
  ["null_routed", "critical", "taken and silent, while DNS fails too", {
    bulk: failed("timeout"),
    dns: failed("timeout"),
  }],
  ["local_firewall", "critical", "everything is dropped", {
    connection: broken("timeout"),
    bulk: null,
    references: [reference(43, broken("timeout")), reference(443, broken("timeout"))],
  }],
  ["local_firewall", "critical", "everything on port 43 is dropped", {
    connection: broken("timeout"),
    bulk: null,
    references: [reference(43, broken("timeout")), reference(443, CONNECTED)],
  }],
  ["local_firewall", "critical", "everything on port 43 is rejected", {
    connection: broken("refused"),
    bulk: null,
    references: [reference(43, broken("refused")), reference(443, CONNECTED)],
  }],
  ["local_firewall", "critical", "no name and no way out", {
    resolution: broken("timeout"),
    connection: null,
    bulk: null,
    references: [reference(43, broken("timeout"))],
  }],
  ["refused", "critical", "refused by Team Cymru alone", { connection: broken("refused"), bulk: null }],
  ["unreachable", "critical", "no route to Team Cymru alone", {
    connection: broken("unreachable"),
    bulk: null,
  }],
  ["broken_off", "critical", "taken and reset", { bulk: failed("unreachable") }],
  ["broken_off", "critical", "cut within the reply", { bulk: failed("cut") }],
  ["dns_broken", "critical", "the name is unknown, others are known", {
    resolution: broken("unresolved"),
    connection: null,
    bulk: null,
  }],
  ["dns_broken", "critical", "no name is known", {
    resolution: broken("unresolved"),
    connection: null,
    bulk: null,
    references: [reference(43, broken("unresolved"))],
  }],
  ["dns_broken", "warning", "the name server fails", { dns: failed("server_error") }],
  ["dns_broken", "warning", "the name server denies", { dns: { status: "miss", durationMs: 5 } }],
  ["wrong_answer", "critical", "whois says another AS", { bulk: hit(64_500) }],
  ["wrong_answer", "critical", "whois says none", { bulk: { status: "miss", durationMs: 5 } }],
  ["wrong_answer", "critical", "whois speaks another protocol", { bulk: failed("garbage") }],
  ["wrong_answer", "critical", "DNS says another AS", { dns: hit(64_500) }],
  ["slow", "warning", "whois takes more than five seconds", { bulk: hit(15_169, 5_001) }],
  ["none", "ok", "whois takes just five seconds", { bulk: hit(15_169, 5_000) }],
  ["circuit_open", "warning", "left alone though it answers", {
    circuit: { value: { ...CLOSED_CIRCUIT, failures: 2, openUntil: SOUND.now + 1, openedAt: SOUND.now } },
  }],
  ["unknown", "unknown", "the circuit can't be read", {
    circuit: { error: { code: "STORE_FAILED", message: "gone" } },
  }],
  ["unknown", "unknown", "our own requests can't be read", {
    pattern: { error: { code: "LOCK_HELD", message: "process 7 has it open" } },
  }],
  ["none", "ok", "nobody records our requests", { pattern: null }],
  ["unknown", "unknown", "no connection, but hardly waited for", {
    connection: broken("timeout"),
    bulk: null,
    patience: { connectionMs: 6, answerMs: 5 },
  }],
  ["unknown", "unknown", "no answer, but hardly waited for", {
    bulk: failed("timeout"),
    patience: { connectionMs: 5, answerMs: 6 },
  }],
  ["abusive_pattern", "warning", "61 sessions of one address", {
    pattern: { value: [{ hourAt: 0, requests: 61, addresses: 61 }] },
  }],
  ["none", "ok", "60 sessions of one address", {
    pattern: { value: [{ hourAt: 0, requests: 60, addresses: 60 }] },
  }],
  ["none", "ok", "61 sessions of ten addresses", {
    pattern: { value: [{ hourAt: 0, requests: 61, addresses: 610 }] },
  }],
  ["unknown", "unknown", "stopped while connecting", {
    connection: broken("aborted"),
    bulk: null,
    references: [reference(43, broken("aborted"))],
  }],
  ["unknown", "unknown", "stopped within the session", { bulk: failed("aborted") }],
];

Deno.test("judgeCymru() names the first link that does not hold", () => {
  for (const [cause, grade, label, evidence] of CASES) {
    const judged = judgeCymru({ ...SOUND, ...evidence });
    assertEquals([judged.cause, judged.grade], [cause, grade], `${label}: ${judged.summary}`);
  }
});

Deno.test("judgeCymru() says where a firewall of ours is not ruled out", () => {
  const dropped = { ...SOUND, connection: broken("timeout"), bulk: null };
  const summaryOf = (references: readonly ReferenceProbe[]) => judgeCymru({ ...dropped, references }).summary;
  assertStringIncludes(summaryOf([]), "a firewall of ours is not ruled out");
  assertStringIncludes(summaryOf([reference(443, CONNECTED)]), "a firewall of ours is not ruled out");
  assertEquals(summaryOf(SOUND.references).includes("ruled out"), false);
  const silent = { ...SOUND, bulk: failed("timeout") };
  const silentOf = (references: readonly ReferenceProbe[]) => judgeCymru({ ...silent, references }).summary;
  for (const references of [[], [reference(443, CONNECTED)], [reference(443, broken("timeout"))]]) {
    assertStringIncludes(silentOf(references), "not ruled out");
  }
  assertStringIncludes(silentOf(SOUND.references), "never answers; another whois server can be reached");
});

Deno.test("compareReferences() compares with the same port, and with the same kind of failure", () => {
  const cases: readonly (readonly [ReferenceWord, readonly ReferenceProbe[]])[] = [
    ["none", []],
    ["works", [reference(43, CONNECTED)]],
    ["works", [reference(4343, CONNECTED), reference(443, broken("timeout"))]],
    ["partly", [reference(443, CONNECTED)]],
    ["partly", [reference(43, broken("refused")), reference(443, CONNECTED)]],
    ["outbound_blocked", [reference(443, broken("timeout"))]],
    ["port_blocked", [reference(43, broken("timeout")), reference(443, CONNECTED)]],
    ["unclear", [reference(443, broken("refused"))]],
    ["unclear", [reference(43, broken("timeout")), reference(443, broken("refused"))]],
  ];
  for (const [word, references] of cases) {
    assertEquals(compareReferences("timeout", references, 4343), word, JSON.stringify(references));
  }
});

Deno.test("listCymruSteps() names the settings that are, and none that is right", () => {
  const settings = { dnsServer: { host: "192.0.2.53", port: 5353 }, cymruTimeoutMs: 30_000 };
  const steps = (cause: CymruCause, evidence: Partial<CymruEvidence>, more = {}) =>
    listCymruSteps(cause, { ...SOUND, ...evidence }, { ...settings, ...more }).join("\n");
  assertStringIncludes(steps("slow", {}), "Raise CYMRU_TIMEOUT from 30s to 60s");
  assertStringIncludes(steps("slow", {}, { cymruTimeoutMs: 90_000 }), "CYMRU_TIMEOUT is 90s already");
  const dns = steps("dns_broken", { dns: failed("server_error") });
  assertStringIncludes(dns, "dig +short @192.0.2.53 -p 5353 8.8.8.8.origin.asn.cymru.com TXT");
  assertEquals(dns.includes("CYMRU_WHOIS_ADDR"), false);
  assertStringIncludes(
    steps("dns_broken", { dns: failed("timeout") }, { dnsServer: null }),
    "dig +short 8.8.8.8",
  );
  const name = steps("dns_broken", { resolution: broken("unresolved"), connection: null, bulk: null });
  assertStringIncludes(name, "CYMRU_WHOIS_ADDR");
  assertEquals(name.includes("dig"), false);
  const held = { circuit: { error: { code: "LOCK_HELD", message: "process 7 has it open" } } };
  assertStringIncludes(steps("unknown", held), "when the other process has ended");
});
