import { circuitPhase, formatHoursMinutes, formatInstant, gradeQuota, nextTrialAt } from "@ipcascade/core";
import { formatPlace } from "../cymru/evidence.ts";
import type { DiagnosisFinding } from "../diagnosis.ts";
import { noteFinding } from "../finding.ts";
import { findDifference, type GreynoiseEvidence } from "./evidence.ts";

/** Shares that are shown, the largest ones. */
const MAX_SHARES = 10;

/** What was looked at: connection, key, ledger, who spent it, circuit. */
export function listGreynoiseFindings(evidence: GreynoiseEvidence): readonly DiagnosisFinding[] {
  return [
    describeConnection(evidence),
    describeKey(evidence),
    ...describeLedger(evidence),
    ...describeSpending(evidence),
    describeCircuit(evidence),
  ];
}

function describeConnection({ connection, place }: GreynoiseEvidence): DiagnosisFinding {
  const target = formatPlace(place);
  const { durationMs } = connection;
  return connection.status === "connected"
    ? noteFinding("tcp", "ok", `${target} takes connections`, durationMs, "ms")
    : noteFinding("tcp", "warning", `${target}: ${connection.reason}`, durationMs, "ms");
}

/** GreyNoise answers an unknown key like none, so that an answer proves only that the key is not refused. */
function describeKey({ probe, hasKey }: GreynoiseEvidence): DiagnosisFinding {
  const key = hasKey ? "a key is set" : "no key is set, so the quota is the smaller one";
  switch (probe.kind) {
    case "not_wanted":
      return noteFinding(
        "key",
        "info",
        `${key}; whether it is accepted was not asked: --probe spends one request`,
      );
    case "no_quota":
      return noteFinding("key", "info", `${key}; it was not asked, since no quota is left`);
    case "no_ledger":
      return noteFinding("key", "unknown", `${key}; it was not asked, since the ledger can't be read`);
    case "late":
      return noteFinding("key", "unknown", `${key}; GreyNoise gave no answer within ${probe.waitedMs} ms`);
    case "sent": {
      const { outcome, limited } = probe.reply;
      if (limited !== null) return noteFinding("key", "info", `${key}; GreyNoise answered 429`);
      if (outcome.status === "failed") return noteFinding("key", "critical", outcome.failure.message);
      const durationMs = "durationMs" in outcome ? outcome.durationMs : null;
      return noteFinding(
        "key",
        "ok",
        `${key}, and GreyNoise answers; an unknown key would get the same`,
        durationMs,
        "ms",
      );
    }
  }
}

function describeLedger({ ledger, now }: GreynoiseEvidence): readonly DiagnosisFinding[] {
  if ("error" in ledger) return [noteFinding("ledger", "critical", `can't be read: ${ledger.error.message}`)];
  const { policy, origin, used, remaining, window, closedUntil } = ledger.value.status;
  const until = closedUntil ?? window.endsAt;
  const limit = `${used} of ${policy.limit}/${policy.period} used, by the word of the ${origin}`;
  const resets = `resets at ${formatInstant(until)}, in ${formatHoursMinutes(until - now)}`;
  const difference = findDifference(ledger.value);
  const server = difference === null
    ? noteFinding("server_view", "ok", "no 429 of this window contradicts the ledger")
    : noteFinding(
      "server_view",
      "critical",
      `a 429 at ${formatInstant(difference.at)} contradicts the ledger`,
      difference.remainingBefore,
      "requests left then",
    );
  return [
    noteFinding("ledger", gradeQuota(ledger.value.status), limit, remaining, "requests left"),
    server,
    noteFinding("reset", "ok", resets),
  ];
}

function describeSpending({ spent }: GreynoiseEvidence): readonly DiagnosisFinding[] {
  if (spent === null) return [noteFinding("spent", "unknown", "our own requests are not recorded")];
  if ("error" in spent) {
    return [noteFinding("spent", "unknown", `the record can't be read: ${spent.error.message}`)];
  }
  const shares = spent.value;
  if (shares.length === 0) {
    return [noteFinding("spent", "ok", "nothing was sent in this window", 0, "requests")];
  }
  const shown = shares.slice(0, MAX_SHARES).map(({ dayAt, purpose, requests }) =>
    noteFinding("spent", "info", `${purpose} on ${formatInstant(dayAt).slice(0, 10)}`, requests, "requests")
  );
  const rest = shares.slice(MAX_SHARES).reduce((sum, { requests }) => sum + requests, 0);
  return rest === 0 ? shown : [...shown, noteFinding("spent", "info", "others", rest, "requests")];
}

function describeCircuit({ circuit, now }: GreynoiseEvidence): DiagnosisFinding {
  if ("error" in circuit) {
    return noteFinding("circuit", "unknown", `its state can't be read: ${circuit.error.message}`);
  }
  const { failures, reason } = circuit.value;
  if (circuitPhase(circuit.value, now) === "closed") {
    return noteFinding("circuit", "ok", "closed", failures, "failures");
  }
  const until = formatInstant(nextTrialAt(circuit.value));
  return noteFinding("circuit", "warning", `open until ${until} (${reason})`, failures, "failures");
}
