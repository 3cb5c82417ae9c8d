import {
  type CircuitState,
  type CircuitStore,
  type Clock,
  type CymruAnswer,
  type IpAddress,
  type LookupOutcome,
  parseAddress,
  recordSuccess,
} from "@ipcascade/core";
import { reportDiagnosis } from "../diagnose.ts";
import {
  type Diagnosis,
  type DiagnosisOptions,
  type DiagnosisTool,
  offerFix,
  type Verdict,
} from "../diagnosis.ts";
import { listWhoisHours, PATTERN_MS, type RequestPattern } from "../request_pattern.ts";
import { settleWithin } from "../settle_within.ts";
import {
  CYMRU_PATIENCE,
  type CymruEvidence,
  type CymruPatience,
  type Known,
  KNOWN_ANSWER,
  KNOWN_COMPANION,
} from "./evidence.ts";
import { listCymruFindings } from "./findings.ts";
import { type CymruCause, judgeCymru } from "./judge.ts";
import { writeCymruLetter } from "./letter.ts";
import type { CymruProbes, NetworkPlace } from "./probes.ts";
import { type CymruStepSettings, listCymruSteps } from "./steps.ts";

/** What diagnosing Team Cymru works with. */
export interface CymruDiagnosisDeps {
  readonly probes: CymruProbes;
  readonly circuits: CircuitStore;
  /** Null where nobody records our requests. */
  readonly pattern: RequestPattern | null;
  readonly clock: Clock;
}

/** Whom to ask, and by what measure. */
export interface CymruDiagnosisSettings extends CymruStepSettings {
  /** The whois server. */
  readonly place: NetworkPlace;
  /** Other hosts, which are connected to and sent nothing: setting `DIAGNOSE_REFERENCES`. */
  readonly references: readonly NetworkPlace[];
  /** Answers that take longer are slow; 5 s by default: the whole of DNS and session takes less than one as a rule. */
  readonly slowMs?: number;
  /** Default `CYMRU_PATIENCE`. */
  readonly patience?: CymruPatience;
}

const SLOW_MS = 5_000;

/** Parts of the time: for a name, for a connection, for a database; the bulk session gets what is left. */
const SHARES = { name: 1 / 6, connection: 1 / 4, record: 1 / 3, dns: 1 / 3 } as const;

/** Causes for which Team Cymru can do something. */
const LETTER_CAUSES: ReadonlySet<CymruCause> = new Set<CymruCause>(["null_routed"]);

/** Wires `diagnoseCymru` with its fix. */
export function createCymruDiagnosis(
  deps: CymruDiagnosisDeps,
  settings: CymruDiagnosisSettings,
): DiagnosisTool {
  return {
    diagnose: (options) => diagnoseCymru(deps, { ...settings, ...options }),
    mend: async () => {
      const { before } = await deps.circuits.changeCircuit("cymru", recordSuccess);
      const applied = before.openUntil !== null;
      return { applied, result: applied ? "the circuit is closed" : "the circuit was closed already" };
    },
  };
}

/**
 * Finds out why Team Cymru does not answer as it should (runbook: Team Cymru Null-Routing). It opens at most three
 * connections to the whois server, holds one bulk session, asks DNS about one address, and connects to the
 * references. Does not reject.
 */
export async function diagnoseCymru(
  deps: CymruDiagnosisDeps,
  options: CymruDiagnosisSettings & DiagnosisOptions,
): Promise<Diagnosis> {
  const { clock } = deps;
  const startedAt = clock.elapsed();
  const evidence = await collectEvidence(deps, options, startedAt);
  const verdict = decide(evidence, options);
  return reportDiagnosis({
    topic: "cymru",
    verdict,
    findings: listCymruFindings(evidence),
    startedAt,
    clock,
  });
}

function decide(evidence: CymruEvidence, settings: CymruStepSettings): Verdict {
  const judgement = judgeCymru(evidence);
  const { cause, grade, summary } = judgement;
  return {
    grade,
    cause,
    summary,
    steps: listCymruSteps(cause, evidence, settings),
    fix: cause === "circuit_open" ? offerFix("Closes the circuit, as a successful trial does", null) : null,
    letter: LETTER_CAUSES.has(cause) ? writeCymruLetter(evidence, judgement) : null,
  };
}

type Options = CymruDiagnosisSettings & DiagnosisOptions;

async function collectEvidence(
  deps: CymruDiagnosisDeps,
  options: Options,
  startedAt: number,
): Promise<CymruEvidence> {
  const { timeoutMs } = options;
  const now = deps.clock.now();
  const [chain, dns, references, circuit, pattern] = await Promise.all([
    probeChain(deps, options, startedAt),
    askDns(deps, options),
    Promise.all(options.references.map(async (place) => ({
      place,
      connection: await deps.probes.connect(place, limit(options, SHARES.connection)),
    }))),
    readCircuit(deps, options),
    readPattern(deps, { ...options, since: now - PATTERN_MS }),
  ]);
  const slowMs = Math.min(options.slowMs ?? SLOW_MS, timeoutMs);
  const { patience = CYMRU_PATIENCE } = options;
  return { place: options.place, ...chain, dns, references, circuit, pattern, now, slowMs, patience };
}

function limit({ timeoutMs, signal }: DiagnosisOptions, share: number) {
  return { timeoutMs: Math.round(timeoutMs * share), signal };
}

/** Name, connection, answer: each needs the one before. */
async function probeChain(
  { probes, clock }: CymruDiagnosisDeps,
  options: Options,
  startedAt: number,
): Promise<Pick<CymruEvidence, "resolution" | "connection" | "bulk">> {
  const { place, timeoutMs, signal } = options;
  const resolution = await probes.resolve(place.host, limit(options, SHARES.name));
  if (resolution.status === "failed") return { resolution, connection: null, bulk: null };
  const connection = await probes.connect(place, limit(options, SHARES.connection));
  if (connection.status === "failed") return { resolution, connection, bulk: null };
  const leftMs = Math.max(1, Math.round(timeoutMs - (clock.elapsed() - startedAt)));
  const bulk = await ask([KNOWN_ANSWER.address, KNOWN_COMPANION], { probes, clock }, {
    timeoutMs: leftMs,
    signal,
  });
  return { resolution, connection, bulk };
}

function askDns(
  { probes, clock }: CymruDiagnosisDeps,
  options: Options,
): Promise<LookupOutcome<CymruAnswer>> {
  return ask([KNOWN_ANSWER.address], { probes, clock }, limit(options, SHARES.dns));
}

/** The outcome of the first address; silence until the time is over is a time-out. */
async function ask(
  texts: readonly string[],
  { probes, clock }: Pick<CymruDiagnosisDeps, "probes" | "clock">,
  { timeoutMs, signal }: DiagnosisOptions,
): Promise<LookupOutcome<CymruAnswer>> {
  const addresses = texts.map((text) => parseAddress(text) as IpAddress);
  // The source gives up by itself, unless it is slow at every step.
  const cymru = probes.openCymru(Math.round(timeoutMs * 0.9));
  const settled = await settleWithin((stop) => cymru.lookUpMany(addresses, { signal: stop }), {
    ms: timeoutMs,
    clock,
    signal,
  });
  const outcome = settled.ok ? settled.value.get(texts[0]!) : undefined;
  if (outcome !== undefined) return outcome;
  const reason = signal.aborted ? "aborted" : "timeout";
  const message = `Cannot ask Team Cymru: ${signal.aborted ? "it was stopped" : "no answer in time"}`;
  return { status: "failed", failure: { reason, message }, durationMs: timeoutMs };
}

async function readCircuit(
  { circuits, clock }: CymruDiagnosisDeps,
  options: Options,
): Promise<Known<CircuitState>> {
  const { timeoutMs: ms, signal } = limit(options, SHARES.record);
  const settled = await settleWithin(() => circuits.readCircuit("cymru"), { ms, clock, signal });
  return settled.ok ? { value: settled.value } : { error: settled.error };
}

async function readPattern(
  { pattern, clock }: CymruDiagnosisDeps,
  options: Options & { readonly since: number },
): Promise<CymruEvidence["pattern"]> {
  if (pattern === null) return null;
  const { timeoutMs: ms, signal } = limit(options, SHARES.record);
  const settled = await settleWithin(() => listWhoisHours(pattern, options.since), {
    ms,
    clock,
    signal,
  });
  return settled.ok ? { value: settled.value } : { error: settled.error };
}
