import {
  circuitPhase,
  type CymruAnswer,
  formatInstant,
  type Grade,
  type LookupOutcome,
  nextTrialAt,
} from "@ipcascade/core";
import type { DiagnosisFinding } from "../diagnosis.ts";
import { noteFinding } from "../finding.ts";
import { describePattern, summarizePattern } from "../request_pattern.ts";
import {
  type CymruEvidence,
  formatPlace,
  isKnownAnswer,
  KNOWN_ANSWER,
  type ReferenceProbe,
} from "./evidence.ts";
import type { Connection, ProbeFailure, Resolution } from "./probes.ts";

/** What was looked at, link by link from name to answer, then our own side. */
export function listCymruFindings(evidence: CymruEvidence): readonly DiagnosisFinding[] {
  const { slowMs } = evidence;
  return [
    describeResolution(evidence.resolution, evidence.place.host),
    describeConnection("tcp", evidence.connection, formatPlace(evidence.place)),
    describeAnswer("bulk_session", evidence.bulk, slowMs),
    describeAnswer("dns", evidence.dns, slowMs),
    ...evidence.references.map(describeReference),
    describeCircuit(evidence),
    describeOwnPattern(evidence),
    noteFinding(
      "interface",
      "ok",
      "the official bulk netcat interface and DNS are all that ipcascade uses; there is no HTTP",
    ),
  ];
}

function describeResolution(resolution: Resolution, host: string): DiagnosisFinding {
  if (resolution.status === "failed") return describeFailure("name", resolution, `"${host}"`, "critical");
  const addresses = resolution.addresses.join(", ");
  return noteFinding("name", "ok", `"${host}" is ${addresses}`, resolution.durationMs, "ms");
}

function describeConnection(check: string, connection: Connection | null, target: string): DiagnosisFinding {
  if (connection === null) return noteFinding(check, "unknown", `no connection to ${target} was tried`);
  if (connection.status === "failed") return describeFailure(check, connection, target, "critical");
  return noteFinding(check, "ok", `${target} takes connections`, connection.durationMs, "ms");
}

/** A reference is no concern of its own: it is `info` when it fails. */
function describeReference({ place, connection }: ReferenceProbe): DiagnosisFinding {
  const target = formatPlace(place);
  if (connection.status === "failed") return describeFailure("reference", connection, target, "info");
  return noteFinding("reference", "ok", `${target} takes connections`, connection.durationMs, "ms");
}

function describeFailure(
  check: string,
  { reason, durationMs }: ProbeFailure,
  target: string,
  grade: Grade,
): DiagnosisFinding {
  return noteFinding(check, grade, `${target}: ${reason} after ${durationMs} ms`, durationMs, "ms");
}

function describeAnswer(
  check: string,
  outcome: LookupOutcome<CymruAnswer> | null,
  slowMs: number,
): DiagnosisFinding {
  if (outcome === null || outcome.status === "skipped") {
    return noteFinding(check, "unknown", "was not tried, since what it needs failed");
  }
  const { durationMs } = outcome;
  if (outcome.status === "failed") {
    return noteFinding(check, "critical", outcome.failure.message, durationMs, "ms");
  }
  const { address, asn } = KNOWN_ANSWER;
  if (!isKnownAnswer(outcome)) {
    const said = outcome.status === "hit" ? `AS${outcome.data.asn}` : "no AS";
    return noteFinding(check, "critical", `says ${said} for ${address}, expected AS${asn}`, durationMs, "ms");
  }
  const grade = durationMs > slowMs ? "warning" : "ok";
  return noteFinding(check, grade, `says AS${asn} for ${address}, as expected`, durationMs, "ms");
}

function describeCircuit({ circuit, now }: CymruEvidence): DiagnosisFinding {
  if ("error" in circuit) {
    return noteFinding("circuit", "unknown", `its state can't be read: ${circuit.error.message}`);
  }
  const { failures, reason } = circuit.value;
  if (circuitPhase(circuit.value, now) === "closed") {
    const message = failures === 0
      ? "closed, no failure since the last success"
      : `closed, after failures (${reason})`;
    return noteFinding("circuit", "ok", message, failures, "failures");
  }
  const { openedAt } = circuit.value;
  const until = formatInstant(nextTrialAt(circuit.value));
  const message = `open since ${formatInstant(openedAt)} until ${until} (${reason})`;
  return noteFinding("circuit", "warning", message, failures, "failures");
}

function describeOwnPattern({ pattern }: CymruEvidence): DiagnosisFinding {
  if (pattern === null) return noteFinding("own_requests", "unknown", "our own requests are not recorded");
  if ("error" in pattern) {
    return noteFinding("own_requests", "unknown", `the record can't be read: ${pattern.error.message}`);
  }
  const summary = summarizePattern(pattern.value);
  const { grade, message } = describePattern(summary);
  return noteFinding("own_requests", grade, message, summary.sessions, "sessions");
}
