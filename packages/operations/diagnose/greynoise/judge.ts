import {
  circuitPhase,
  formatHoursMinutes,
  formatInstant,
  type Grade,
  gradeQuota,
  isSilence,
  nextTrialAt,
  type QuotaPolicy,
  type SourceFailure,
} from "@ipcascade/core";
import { formatPlace } from "../cymru/evidence.ts";
import { findDifference, type GreynoiseEvidence } from "./evidence.ts";

/** What can be wrong with GreyNoise. */
export type GreynoiseCause =
  | "none"
  | "ledger_unreadable"
  | "ledger_differs"
  | "quota_exhausted"
  | "quota_low"
  | "key_refused"
  | "unreachable"
  | "server_error"
  | "wrong_answer"
  | "circuit_open"
  | "unknown";

/** A cause, with its evidence in one or two sentences. */
export interface GreynoiseJudgement {
  readonly cause: GreynoiseCause;
  readonly grade: Grade;
  readonly summary: string;
  /** The limit that GreyNoise named and that the ledger does not go by; null otherwise. */
  readonly learned: QuotaPolicy | null;
}

/** Names the most likely cause: what keeps every request from being sent, then from being answered, then what is near. */
export function judgeGreynoise(evidence: GreynoiseEvidence): GreynoiseJudgement {
  return judgeLedger(evidence) ?? judgeProbe(evidence) ?? judgeDifference(evidence) ?? judgeQuota(evidence) ??
    judgeConnection(evidence) ?? judgeCircuit(evidence) ?? judgeRemainder(evidence) ??
    judgeRecords(evidence) ??
    { cause: "none", grade: "ok", summary: describeHealth(evidence), learned: null };
}

function judgeLedger({ ledger, probe }: GreynoiseEvidence): GreynoiseJudgement | null {
  const error = "error" in ledger ? ledger.error : probe.kind === "no_ledger" ? probe.error : null;
  if (error === null) return null;
  if (error.code === "LOCK_HELD" || error.code === "STOPPED") {
    return word("unknown", "unknown", `GreyNoise's quota can't be looked at: ${error.message}`);
  }
  const summary = `the quota ledger can't be read, so nothing is sent to GreyNoise: ${error.message}`;
  return word("ledger_unreadable", "critical", summary);
}

function judgeProbe({ probe, place }: GreynoiseEvidence): GreynoiseJudgement | null {
  if (probe.kind === "late") {
    const waited = `${formatPlace(place)} gave no answer within ${probe.waitedMs} ms`;
    return word("unknown", "unknown", `${waited}, which is less than GREYNOISE_TIMEOUT lets it take`);
  }
  if (probe.kind !== "sent") return null;
  const { outcome, limited } = probe.reply;
  if (outcome.status !== "failed" || limited !== null) return null;
  return judgeFailure(outcome.failure);
}

function judgeFailure({ reason, message }: SourceFailure): GreynoiseJudgement {
  if (reason === "unauthorized") {
    return word("key_refused", "critical", `GreyNoise refuses the key (${message})`);
  }
  if (reason === "aborted") return word("unknown", "unknown", "the look was stopped");
  if (isSilence(reason)) return word("unreachable", "critical", message);
  if (reason === "garbage") return word("wrong_answer", "critical", message);
  return word("server_error", "critical", message);
}

function judgeDifference({ ledger, now }: GreynoiseEvidence): GreynoiseJudgement | null {
  if ("error" in ledger) return null;
  const difference = findDifference(ledger.value);
  if (difference === null) return null;
  const { status } = ledger.value;
  const { learned, remainingBefore, at } = difference;
  const isUsed = learned === null || isSame(status.policy, learned);
  const named = learned === null ? "" : `, naming ${describe(learned)}`;
  const said = `GreyNoise answered 429 at ${formatInstant(at)}${named}`;
  const ours = remainingBefore > 0 ? `, when our ledger had ${remainingBefore} left` : "";
  const present = isUsed ? "" : `; the ledger goes by ${describe(status.policy)}`;
  const resets = status.closedUntil === null
    ? ""
    : `; closed until ${formatInstant(status.closedUntil)}, in ${
      formatHoursMinutes(status.closedUntil - now)
    }`;
  const summary = `${said}${ours}${present}${resets}`;
  return { cause: "ledger_differs", grade: "critical", summary, learned: isUsed ? null : learned };
}

function judgeQuota({ ledger, now }: GreynoiseEvidence): GreynoiseJudgement | null {
  if ("error" in ledger || ledger.value.status.remaining > 0) return null;
  const { policy, used, closedUntil, window } = ledger.value.status;
  const until = closedUntil ?? window.endsAt;
  const resets = `resets at ${formatInstant(until)}, in ${formatHoursMinutes(until - now)}`;
  return word("quota_exhausted", "critical", `${used} of ${describe(policy)} are used; ${resets}`);
}

function judgeConnection({ connection, place, probe }: GreynoiseEvidence): GreynoiseJudgement | null {
  // An answer proves more than a connection.
  if (connection.status === "connected" || probe.kind === "sent") return null;
  const summary = `${
    formatPlace(place)
  } can't be reached directly (${connection.reason}); behind a proxy, --probe tells more`;
  return word("unreachable", "warning", summary);
}

function judgeCircuit({ circuit, now, probe }: GreynoiseEvidence): GreynoiseJudgement | null {
  if ("error" in circuit || circuitPhase(circuit.value, now) === "closed") return null;
  const { reason } = circuit.value;
  const until = formatInstant(nextTrialAt(circuit.value));
  if (probe.kind !== "sent" && reason?.startsWith("unauthorized") === true) {
    return word("key_refused", "critical", `GreyNoise refused the key, and is left alone until ${until}`);
  }
  const summary = `GreyNoise is left alone until ${until} after failures (${reason})`;
  return word("circuit_open", "warning", summary);
}

function judgeRemainder({ ledger }: GreynoiseEvidence): GreynoiseJudgement | null {
  if ("error" in ledger) return null;
  const { status } = ledger.value;
  const grade = gradeQuota(status);
  if (grade === "ok") return null;
  return word("quota_low", grade, `${status.remaining} of ${describe(status.policy)} are left`);
}

/** What could not be looked at may be wrong. */
function judgeRecords({ circuit, spent }: GreynoiseEvidence): GreynoiseJudgement | null {
  const known = "GreyNoise can be reached and quota is left, but";
  if ("error" in circuit) {
    const what = `whether it is left alone after failures can't be read: ${circuit.error.message}`;
    return word("unknown", "unknown", `${known} ${what}`);
  }
  if (spent === null || !("error" in spent)) return null;
  return word("unknown", "unknown", `${known} our own requests can't be read: ${spent.error.message}`);
}

function describeHealth({ probe }: GreynoiseEvidence): string {
  return probe.kind === "sent"
    ? "GreyNoise answers, and the ledger agrees with it as far as anybody can tell"
    : "GreyNoise can be reached and quota is left; whether the key is accepted was not asked (--probe)";
}

function describe({ limit, period }: QuotaPolicy): string {
  return `${limit}/${period}`;
}

function isSame(one: QuotaPolicy, other: QuotaPolicy): boolean {
  return one.limit === other.limit && one.period === other.period;
}

function word(cause: GreynoiseCause, grade: Grade, summary: string): GreynoiseJudgement {
  return { cause, grade, summary, learned: null };
}
