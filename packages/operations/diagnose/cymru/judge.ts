import {
  circuitPhase,
  type CymruAnswer,
  formatInstant,
  type Grade,
  type LookupOutcome,
  nextTrialAt,
} from "@ipcascade/core";
import { describePattern, summarizePattern } from "../request_pattern.ts";
import { compareReferences, isReached, type ReferenceWord } from "./compare_references.ts";
import { type CymruEvidence, formatPlace, isKnownAnswer, KNOWN_ANSWER } from "./evidence.ts";

/** What can be wrong with Team Cymru. */
export type CymruCause =
  | "none"
  | "null_routed"
  | "refused"
  | "unreachable"
  | "broken_off"
  | "local_firewall"
  | "dns_broken"
  | "wrong_answer"
  | "slow"
  | "circuit_open"
  | "abusive_pattern"
  | "unknown";

/** A cause, with its evidence in one or two sentences. */
export interface CymruJudgement {
  readonly cause: CymruCause;
  readonly grade: Grade;
  readonly summary: string;
}

/** Names the most likely cause: the first link of the chain from name to answer that does not hold. */
export function judgeCymru(evidence: CymruEvidence): CymruJudgement {
  return judgeResolution(evidence) ?? judgeConnection(evidence) ?? judgeBulk(evidence) ??
    judgeDns(evidence) ??
    judgeSpeed(evidence) ?? judgeCircuit(evidence) ?? judgePattern(evidence) ?? judgeRecords(evidence) ?? {
    cause: "none",
    grade: "ok",
    summary: `${formatPlace(evidence.place)} and DNS give the known answer`,
  };
}

function judgeResolution({ resolution, references, place }: CymruEvidence): CymruJudgement | null {
  if (resolution.status === "resolved") return null;
  if (resolution.reason === "aborted") return unclear("the look was stopped");
  const summary = `the name "${place.host}" can't be resolved (${resolution.reason})`;
  const failures = references.flatMap(({ connection }) =>
    connection.status === "failed" ? [connection.reason] : []
  );
  const isCutOff = failures.length > 0 && failures.length === references.length &&
    failures.some((reason) => reason !== "unresolved");
  if (isCutOff) {
    return critical("local_firewall", `${summary}, and no other host can be reached either`);
  }
  const others = references.some(isReached)
    ? "while other hosts can be reached"
    : "and neither can those of other hosts";
  return critical("dns_broken", references.length === 0 ? summary : `${summary}, ${others}`);
}

function judgeConnection(evidence: CymruEvidence): CymruJudgement | null {
  const { connection, references, place, patience } = evidence;
  if (connection?.status !== "failed") return null;
  const { reason, durationMs } = connection;
  if (reason === "aborted") return unclear("the look was stopped");
  const target = formatPlace(place);
  if (reason === "timeout" && durationMs < patience.connectionMs) {
    return tooShort(`${target} took no connection within ${durationMs} ms`);
  }
  const word = compareReferences(reason, references, place.port);
  if (word === "outbound_blocked") {
    return critical(
      "local_firewall",
      `${target} and every other host fail alike (${reason}): nothing gets out`,
    );
  }
  if (word === "port_blocked") {
    return critical(
      "local_firewall",
      `${target} and other hosts on that port fail alike (${reason}), while other ports work`,
    );
  }
  const compared = REFERENCE_SENTENCES[word];
  switch (reason) {
    case "timeout":
      return critical("null_routed", `${target} drops our packets silently; ${compared}`);
    case "refused":
      return critical("refused", `${target} refuses connections; ${compared}`);
    case "unresolved":
      return critical("dns_broken", `the name of ${target} can be resolved only now and then`);
    default:
      return critical("unreachable", `no way leads to ${target} (${reason}); ${compared}`);
  }
}

const REFERENCE_SENTENCES: Readonly<
  Record<Exclude<ReferenceWord, "outbound_blocked" | "port_blocked">, string>
> = {
  works: "another whois server can be reached",
  partly: "other hosts can be reached, but on no whois port, so a firewall of ours is not ruled out",
  unclear: "other hosts fail in another way, so a fault of ours is not ruled out",
  none: "no other host was asked (DIAGNOSE_REFERENCES), so a firewall of ours is not ruled out",
};

function describeComparison(word: ReferenceWord): string {
  if (word === "outbound_blocked") {
    return "other hosts can't be reached, so a fault of ours is not ruled out";
  }
  return word === "port_blocked"
    ? "other hosts on that port can't be reached, so a firewall of ours is not ruled out"
    : REFERENCE_SENTENCES[word];
}

function judgeBulk({ bulk, place, references, patience }: CymruEvidence): CymruJudgement | null {
  const target = formatPlace(place);
  if (bulk === null || bulk.status === "skipped") return unclear(`no session with ${target} was held`);
  if (isKnownAnswer(bulk)) return null;
  if (bulk.status !== "failed") return wrongAnswer(`the bulk session with ${target}`, bulk);
  switch (bulk.failure.reason) {
    case "timeout": {
      if (bulk.durationMs < patience.answerMs) {
        return tooShort(`${target} takes the connection, and gave no answer within ${bulk.durationMs} ms`);
      }
      const compared = describeComparison(compareReferences("timeout", references, place.port));
      return critical("null_routed", `${target} takes the connection and never answers; ${compared}`);
    }
    case "refused":
      return critical("refused", `${target} refuses connections now and then`);
    case "garbage":
    case "rejected":
      return critical("wrong_answer", `what answers at ${target} does not speak Team Cymru's protocol`);
    case "aborted":
      return unclear("the look was stopped");
    default:
      return critical("broken_off", `${target} takes the connection and breaks it off without an answer`);
  }
}

function judgeDns({ dns }: CymruEvidence): CymruJudgement | null {
  if (isKnownAnswer(dns)) return null;
  if (dns.status === "hit") return wrongAnswer("DNS", dns);
  if (dns.status === "skipped") return unclear("DNS was not asked");
  if (dns.status === "failed" && dns.failure.reason === "aborted") return unclear("the look was stopped");
  const state = dns.status === "miss" ? "denies that the answer exists" : `fails (${dns.failure.reason})`;
  return {
    cause: "dns_broken",
    grade: "warning",
    summary: `bulk sessions work, but the name server ${state}: single addresses get no ASN`,
  };
}

function wrongAnswer(who: string, outcome: LookupOutcome<CymruAnswer>): CymruJudgement {
  const said = outcome.status === "hit" ? `AS${outcome.data.asn}` : "no AS";
  const { address, asn } = KNOWN_ANSWER;
  return critical("wrong_answer", `${who} says ${said} for ${address}, which is of AS${asn}`);
}

function judgeSpeed({ connection, bulk, dns, slowMs }: CymruEvidence): CymruJudgement | null {
  const spans = [connection, bulk, dns].map((one) =>
    one !== null && "durationMs" in one ? one.durationMs : 0
  );
  const longest = Math.max(...spans);
  if (longest <= slowMs) return null;
  const summary = `Team Cymru answers right, but takes ${longest} ms; more than ${slowMs} ms is slow`;
  return { cause: "slow", grade: "warning", summary };
}

function judgeCircuit({ circuit, now }: CymruEvidence): CymruJudgement | null {
  if ("error" in circuit || circuitPhase(circuit.value, now) === "closed") return null;
  const until = formatInstant(nextTrialAt(circuit.value));
  const summary =
    `Team Cymru answers right, but is left alone until ${until} after failures (${circuit.value.reason})`;
  return { cause: "circuit_open", grade: "warning", summary };
}

function judgePattern({ pattern }: CymruEvidence): CymruJudgement | null {
  if (pattern === null || "error" in pattern) return null;
  const { grade, message } = describePattern(summarizePattern(pattern.value));
  if (grade === "ok") return null;
  const summary = `Team Cymru answers right, but our own requests look abusive: ${message}`;
  return { cause: "abusive_pattern", grade: "warning", summary };
}

/** What could not be looked at may be wrong: half a look is no "nothing is wrong". */
function judgeRecords({ circuit, pattern }: CymruEvidence): CymruJudgement | null {
  if ("error" in circuit) {
    return halfSeen(`whether it is left alone after failures can't be read: ${circuit.error.message}`);
  }
  if (pattern === null || !("error" in pattern)) return null;
  return halfSeen(`our own requests can't be read: ${pattern.error.message}`);
}

function halfSeen(what: string): CymruJudgement {
  return { cause: "unknown", grade: "unknown", summary: `Team Cymru answers right, but ${what}` };
}

function critical(cause: CymruCause, summary: string): CymruJudgement {
  return { cause, grade: "critical", summary };
}

/** A slow one is silent, too, to those who don't wait. */
function tooShort(what: string): CymruJudgement {
  return unclear(`${what}, which is too short a wait to tell silent from slow`);
}

function unclear(why: string): CymruJudgement {
  return { cause: "unknown", grade: "unknown", summary: `Team Cymru could not be diagnosed: ${why}` };
}
