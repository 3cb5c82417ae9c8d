import { classifyScope, formatInstant, parseAddress } from "@ipcascade/core";
import { describeHour, PATTERN_MS, summarizePattern } from "../request_pattern.ts";
import { countNoun } from "../count_noun.ts";
import { isReached } from "./compare_references.ts";
import { type CymruEvidence, formatPlace, isKnownAnswer, KNOWN_ANSWER } from "./evidence.ts";
import type { CymruJudgement } from "./judge.ts";

/** Where reviews are asked for, and under which subject (runbook: Team Cymru Null-Routing). */
const TO = "team-cymru-admin@cymru.com";
const SUBJECT = "IP Null-Routing - Request Review";

/** The mail to Team Cymru, filled in with what is known. It claims nothing about us that the record contradicts. */
export function writeCymruLetter(evidence: CymruEvidence, judgement: CymruJudgement): string {
  return [
    `To: ${TO}`,
    `Subject: ${SUBJECT}`,
    "",
    "Hello,",
    "",
    "our requests to your IP to ASN mapping service get no answer. Could you please check whether our address",
    "is null-routed, and lift it if so?",
    "",
    ...listFacts(evidence, judgement).map((fact) => `- ${fact}`),
    "",
    ...describeUse(evidence),
    "",
    "Kind regards",
    "[your name, organisation and a way to reach you]",
  ].join("\n");
}

function listFacts(evidence: CymruEvidence, judgement: CymruJudgement): readonly string[] {
  const { place, dns, references, now } = evidence;
  const reached = references.filter(isReached).map((reference) => formatPlace(reference.place));
  return [
    `Our address: ${describeSource(evidence)}`,
    `Seen at ${formatInstant(now)}: ${judgement.summary}.`,
    ...describeSince(evidence),
    `Asked: a bulk session (begin, verbose, ${KNOWN_ANSWER.address}, end) with ${formatPlace(place)}.`,
    ...(reached.length === 0
      ? []
      : [`Reached at the same time, from the same machine: ${reached.join(", ")}.`]),
    isKnownAnswer(dns)
      ? "Your DNS service (origin.asn.cymru.com) answers us as it should."
      : "Your DNS service (origin.asn.cymru.com) does not answer us as it should either.",
  ];
}

function describeSource({ connection, references }: CymruEvidence): string {
  const own = [connection, ...references.map((reference) => reference.connection)].flatMap((one) =>
    one?.status === "connected" && one.localAddress !== null ? [one.localAddress] : []
  );
  const addresses = [...new Set(own)];
  if (addresses.length > 0 && addresses.every(isGlobal)) return addresses.join(", ");
  const behind = addresses.length === 0 ? "" : `, behind which the machine is ${addresses.join(", ")}`;
  return `[your public address${behind}]`;
}

function isGlobal(text: string): boolean {
  const address = parseAddress(text);
  return address !== null && classifyScope(address) === "global";
}

function describeSince({ circuit }: CymruEvidence): readonly string[] {
  if ("error" in circuit || circuit.value.openedAt === null) return [];
  const { failures, openedAt, reason } = circuit.value;
  return [
    `Failing since ${formatInstant(openedAt)} or before, ${
      failures === 1 ? "once" : `${failures} times in a row`
    } (${reason}).`,
  ];
}

function describeUse({ pattern, now }: CymruEvidence): readonly string[] {
  const use = [
    "We use the official bulk netcat interface on TCP port 43, with one session for up to 10 000 addresses and",
    "at most one session a second, and DNS for single addresses. We send no HTTP requests.",
  ];
  if (pattern === null || "error" in pattern) return use;
  const { sessions, addresses, busiest, abusive } = summarizePattern(pattern.value);
  const since = formatInstant(now - PATTERN_MS);
  const record = `Since ${since} we opened ${countNoun(sessions, "session")} about ${
    countNoun(addresses, "address", "addresses")
  }.`;
  if (busiest === null) return [...use, record];
  if (abusive.length === 0) return [...use, record, `The most in an hour: ${describeHour(busiest)}.`];
  return [
    ...use,
    record,
    `That is not how we mean to use it: in ${
      countNoun(abusive.length, "hour")
    } we opened many small sessions, as`,
    `${describeHour(busiest)}. We are sorry, and have stopped what did it.`,
  ];
}
