import {
  CIRCUIT_OPTIONS,
  type CircuitState,
  type CircuitStore,
  type Clock,
  explainFailure,
  type FailureReason,
  type GreynoiseReply,
  type GreynoiseSource,
  parseAddress,
  type QuotaControl,
  type QuotaLedger,
  recordFailure,
  recordSuccess,
} from "@ipcascade/core";
import { countsAgainstSource } from "../../ask_greynoise.ts";
import { setQuota } from "../../quota/set_quota.ts";
import type { Known } from "../cymru/evidence.ts";
import type { NetworkPlace, NetworkProbes } from "../cymru/probes.ts";
import { reportDiagnosis } from "../diagnose.ts";
import {
  type Diagnosis,
  type DiagnosisOptions,
  type DiagnosisTool,
  type Mending,
  offerFix,
} from "../diagnosis.ts";
import { listShares, type RequestPattern } from "../request_pattern.ts";
import { settleWithin } from "../settle_within.ts";
import { findDifference, type GreynoiseEvidence, type GreynoiseProbe, type LedgerView } from "./evidence.ts";
import { listGreynoiseFindings } from "./findings.ts";
import { type GreynoiseJudgement, judgeGreynoise } from "./judge.ts";
import { listGreynoiseSteps } from "./steps.ts";

/** What diagnosing GreyNoise works with. */
export interface GreynoiseDiagnosisDeps {
  readonly probes: Pick<NetworkProbes, "connect">;
  readonly greynoise: GreynoiseSource;
  readonly ledger: QuotaLedger;
  readonly control: QuotaControl;
  readonly circuits: CircuitStore;
  /** Null where nobody records our requests. */
  readonly pattern: RequestPattern | null;
  readonly clock: Clock;
}

/** Whom to ask, and how far to go. */
export interface GreynoiseDiagnosisSettings {
  /** Host and port of the API. */
  readonly place: NetworkPlace;
  /** Whether a key is set; never the key. */
  readonly hasKey: boolean;
  /** True spends one request on finding out whether GreyNoise answers. */
  readonly isProbing: boolean;
  /** Called just before that request is sent, when one is. */
  readonly onProbe?: () => void;
  /** Who orders a fix, such as `alice@honeypot-1`. */
  readonly actor: string;
}

/** What a probe asks about: an address that everybody asks about, and of no interest to anybody. */
export const PROBE_ADDRESS = "8.8.8.8";

/** Changes that are looked at, the newest ones. */
const MAX_CHANGES = 50;
/**
 * Parts of the time. The first look at the ledger has the most: an embedded database that is new takes seconds to
 * make on a busy machine. The probe comes between it and the second look, and has what these leave.
 */
const SHARES = { ledger: 1 / 2, connection: 1 / 3, record: 1 / 12 } as const;

/** Wires `diagnoseGreynoise` with its fix. */
export function createGreynoiseDiagnosis(
  deps: GreynoiseDiagnosisDeps,
  settings: GreynoiseDiagnosisSettings,
): DiagnosisTool {
  return {
    diagnose: (options) => diagnoseGreynoise(deps, { ...settings, ...options }),
    mend: () => adoptLearnedLimit(deps, settings.actor),
  };
}

/**
 * Finds out why GreyNoise does not answer, or its quota is gone (runbook: GreyNoise Quota Exceeded Early). Asks
 * GreyNoise nothing unless it probes, and then once, through the ledger. Does not reject.
 */
export async function diagnoseGreynoise(
  deps: GreynoiseDiagnosisDeps,
  options: GreynoiseDiagnosisSettings & DiagnosisOptions,
): Promise<Diagnosis> {
  const { clock } = deps;
  const startedAt = clock.elapsed();
  const evidence = await collectEvidence(deps, options);
  const judgement = judgeGreynoise(evidence);
  const verdict = {
    grade: judgement.grade,
    cause: judgement.cause,
    summary: judgement.summary,
    steps: listGreynoiseSteps(judgement, evidence),
    fix: describeFix(judgement),
    letter: null,
  };
  const findings = listGreynoiseFindings(evidence);
  return reportDiagnosis({ topic: "greynoise", verdict, findings, startedAt, clock });
}

function describeFix({ learned }: GreynoiseJudgement) {
  if (learned === null) return null;
  const limit = `${learned.limit}/${learned.period}`;
  return offerFix(
    `Sets the limit to ${limit}, which GreyNoise named`,
    `ipcascade quota set ${limit} --reason "${FIX_REASON}"`,
  );
}

const FIX_REASON = "GreyNoise named this limit in its 429";

type Options = GreynoiseDiagnosisSettings & DiagnosisOptions;

async function collectEvidence(deps: GreynoiseDiagnosisDeps, options: Options): Promise<GreynoiseEvidence> {
  const { place, hasKey, timeoutMs, signal } = options;
  const startedAt = deps.clock.elapsed();
  const now = deps.clock.now();
  const [connection, before, circuitBefore] = await Promise.all([
    deps.probes.connect(place, { timeoutMs: Math.round(timeoutMs * SHARES.connection), signal }),
    readLedger(deps, options, SHARES.ledger),
    readCircuit(deps, options, SHARES.ledger),
  ]);
  const probe = await probeOnce(before, deps, { ...options, startedAt });
  const [ledger, circuit] = probe.kind === "sent" || probe.kind === "late"
    ? await Promise.all([
      readLedger(deps, options, SHARES.record),
      readCircuit(deps, options, SHARES.record),
    ])
    : [before, circuitBefore];
  const spent = await readSpending(ledger, deps, options);
  return { place, hasKey, connection, before, probe, ledger, circuit, spent, now };
}

function readLedger(
  deps: GreynoiseDiagnosisDeps,
  options: Options,
  share: number,
): Promise<Known<LedgerView>> {
  return known(deps, options, share, async () => ({
    status: await deps.ledger.read("greynoise", deps.clock.now()),
    changes: await deps.control.listChanges("greynoise", MAX_CHANGES),
  }));
}

function readCircuit(
  deps: GreynoiseDiagnosisDeps,
  options: Options,
  share: number,
): Promise<Known<CircuitState>> {
  return known(deps, options, share, () => deps.circuits.readCircuit("greynoise"));
}

async function readSpending(
  ledger: Known<LedgerView>,
  deps: GreynoiseDiagnosisDeps,
  options: Options,
): Promise<GreynoiseEvidence["spent"]> {
  const { pattern } = deps;
  if (pattern === null) return null;
  // The window is the ledger's, and the record is where the ledger is.
  if ("error" in ledger) return ledger;
  const { startsAt } = ledger.value.status.window;
  return await known(deps, options, SHARES.record, () => listShares(pattern, startsAt));
}

async function known<T>(
  { clock }: Pick<GreynoiseDiagnosisDeps, "clock">,
  { timeoutMs, signal }: DiagnosisOptions,
  share: number,
  read: () => Promise<T>,
): Promise<Known<T>> {
  const settled = await settleWithin(read, { ms: Math.round(timeoutMs * share), clock, signal });
  return settled.ok ? { value: settled.value } : { error: settled.error };
}

/** Sends one request if that is wanted, and if the ledger grants it before. */
async function probeOnce(
  before: Known<LedgerView>,
  deps: GreynoiseDiagnosisDeps,
  options: Options & { readonly startedAt: number },
): Promise<GreynoiseProbe> {
  if (!options.isProbing) return { kind: "not_wanted" };
  if ("error" in before) return { kind: "no_ledger", error: before.error };
  const { clock } = deps;
  const patience = { clock, signal: options.signal };
  const ms = Math.round(options.timeoutMs * SHARES.record);
  const grant = await settleWithin(() => deps.ledger.reserve("greynoise", 1, clock.now()), {
    ...patience,
    ms,
  });
  if (!grant.ok) return { kind: "no_ledger", error: grant.error };
  if (grant.value.granted === 0) return { kind: "no_quota" };
  const address = parseAddress(PROBE_ADDRESS)!;
  options.onProbe?.();
  // As long as any request may take, which the source sees to, unless the look ends before.
  const sentAt = clock.elapsed();
  const leftMs = Math.round(options.timeoutMs - (sentAt - options.startedAt)) - 2 * ms;
  const sent = await settleWithin((signal) => deps.greynoise.lookUp(address, { signal }), {
    ...patience,
    ms: Math.max(1, leftMs),
  });
  return sent.ok
    ? await book(sent.value, grant.value, deps)
    : { kind: "late", waitedMs: Math.round(clock.elapsed() - sentAt) };
}

/** Writes down what came of the request, in ledger and circuit, as for any other request. */
async function book(
  reply: GreynoiseReply,
  grant: Awaited<ReturnType<QuotaLedger["reserve"]>>,
  { ledger, circuits, clock }: GreynoiseDiagnosisDeps,
): Promise<GreynoiseProbe> {
  const { outcome, limited } = reply;
  const work = async () => {
    if (!reply.mayHaveArrived) await ledger.release(grant, 1);
    if (limited !== null) {
      await ledger.close("greynoise", { now: clock.now(), ...limited, reason: "HTTP 429" });
    } else if (outcome.status !== "skipped") {
      const reason = outcome.status === "failed" ? outcome.failure.reason : null;
      await circuits.changeCircuit("greynoise", (state) => recordReply(state, reason, clock.now()));
    }
  };
  await settleWithin(work, { ms: BOOKING_MS, clock });
  return { kind: "sent", reply };
}

/** A refused key opens the circuit at once, as it does for every other request. */
function recordReply(state: CircuitState, reason: FailureReason | null, now: number): CircuitState {
  if (reason === "aborted") return state;
  if (reason === null || !countsAgainstSource(reason)) return recordSuccess(state);
  const limits = CIRCUIT_OPTIONS.greynoise;
  const threshold = reason === "unauthorized" ? 1 : limits.threshold;
  return recordFailure(state, { ...limits, threshold, now, reason: explainFailure("greynoise", reason) });
}

/** A 429 must be written down also when the look is over: the next request would be answered with the same. */
const BOOKING_MS = 5_000;

/** Sets what GreyNoise's last 429 named, if the ledger goes by something else. Throws `StoreError`. */
async function adoptLearnedLimit(deps: GreynoiseDiagnosisDeps, actor: string): Promise<Mending> {
  const status = await deps.ledger.read("greynoise", deps.clock.now());
  const changes = await deps.control.listChanges("greynoise", MAX_CHANGES);
  const policy = findDifference({ status, changes })?.learned ?? null;
  if (policy === null) return { applied: false, result: "GreyNoise named no other limit" };
  const { before, after } = await setQuota(deps, { policy, actor, reason: FIX_REASON });
  const result = `the limit is ${after.limit}/${after.period} (was ${before.limit}/${before.period})`;
  return { applied: true, result };
}
