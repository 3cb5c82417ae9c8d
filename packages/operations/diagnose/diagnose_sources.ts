import { MS_PER_SECOND } from "@ipcascade/core";
import type { DiagnosedPart, DiagnosisCause } from "./conclude.ts";
import type { DiagnosisFinding } from "./diagnosis.ts";
import type { LatencyLimits } from "./latency_limits.ts";
import type { SourceLatency } from "./source_latency.ts";

/** Settings of the sources; how long they are waited for is in milliseconds. */
export interface SourceTimeouts {
  readonly cymruMs: number;
  readonly greynoiseMs: number;
  /** `GREYNOISE_API_SERVER`, which steps name. */
  readonly greynoiseServer: string;
}

/** Team Cymru answers about 10 000 addresses a minute. */
const MS_PER_WHOIS_ADDRESS = 6;

const NAMES = {
  local: ["MaxMind", "batches"],
  whois: ["Team Cymru by whois", "sessions"],
  dns: ["Team Cymru by DNS", "look-ups"],
  http: ["GreyNoise", "requests"],
} as const;

/** Grades what the record says about each source. */
export function diagnoseSources(
  sources: readonly SourceLatency[],
  timeouts: SourceTimeouts,
  limits: LatencyLimits,
): DiagnosedPart {
  const findings: DiagnosisFinding[] = [];
  const causes: DiagnosisCause[] = [];
  for (const source of sources) {
    const limitMs = limitOf(source, timeouts, limits);
    const isSlow = limitMs !== null && isAbove(source, limitMs, limits);
    const message = describeSource(source, isSlow ? limitMs : null);
    const check = source.channel === "local" ? "maxmind_recorded" : `${source.source}_${source.channel}`;
    findings.push({ check, grade: isSlow ? "warning" : "ok", message, observed: source.p95_ms, unit: "ms" });
    if (isSlow) causes.push(explainSlow(source, timeouts, message));
  }
  if (findings.length === 0) findings.push(NOTHING_ASKED);
  return { findings, causes };
}

const NOTHING_ASKED: DiagnosisFinding = {
  check: "requests",
  grade: "info",
  message: "no source was asked in the last 24 hours",
  observed: 0,
  unit: null,
};

/** Local look-ups are measured now. */
function limitOf(
  { channel, requests, addresses }: SourceLatency,
  timeouts: SourceTimeouts,
  { timeoutPart }: LatencyLimits,
): number | null {
  if (channel === "local") return null;
  if (channel === "http") return timeouts.greynoiseMs * timeoutPart;
  const size = channel === "whois" ? addresses / requests : 0;
  return timeouts.cymruMs * timeoutPart + size * MS_PER_WHOIS_ADDRESS;
}

function isAbove(source: SourceLatency, limitMs: number, { timedOutPart }: LatencyLimits): boolean {
  const timedOut = source.outcomes.timeout ?? 0;
  return (source.p95_ms ?? 0) > limitMs || timedOut / source.requests >= timedOutPart;
}

function describeSource(source: SourceLatency, limitMs: number | null): string {
  const { channel, requests, addresses, mean_ms, p50_ms, p95_ms, p99_ms } = source;
  const [name, noun] = NAMES[channel];
  const about = addresses === requests ? "" : ` about ${addresses} addresses`;
  const figures = mean_ms === null
    ? "none was answered"
    : `mean ${mean_ms} ms, p50 ${p50_ms} ms, p95 ${p95_ms} ms, p99 ${p99_ms} ms` +
      (channel === "local" ? " for one address" : "");
  const limit = limitMs === null ? "" : `; p95 should stay below ${Math.round(limitMs)} ms`;
  return `${name}: ${requests} ${noun}${about} in 24 h, ${figures}${describeLosses(source)}${limit}`;
}

function describeLosses({ outcomes }: SourceLatency): string {
  const words = { timeout: "timed out", limited: "limited", unsent: "never left", failed: "failed" } as const;
  return (["timeout", "limited", "unsent", "failed"] as const)
    .filter((outcome) => (outcomes[outcome] ?? 0) > 0)
    .map((outcome) => `, ${outcomes[outcome]} ${words[outcome]}`)
    .join("");
}

function explainSlow(
  { source }: SourceLatency,
  timeouts: SourceTimeouts,
  summary: string,
): DiagnosisCause {
  if (source === "cymru") {
    return { cause: "cymru_slow", grade: "warning", summary, steps: cymruSteps(timeouts) };
  }
  return {
    cause: "greynoise_slow",
    grade: "warning",
    summary,
    steps: [
      `Check the network to GreyNoise: curl -sS -o /dev/null -w '%{time_connect} %{time_total}\\n' ${
        new URL(timeouts.greynoiseServer).origin
      }/`,
      "ipcascade diagnose greynoise",
      "Enrich without it meanwhile: ipcascade enrich --sources maxmind,cymru …",
    ],
  };
}

/** Runbook: raise the timeout from 30 s to 60 s. */
function cymruSteps({ cymruMs }: SourceTimeouts): string[] {
  const steps = ["ipcascade diagnose cymru"];
  if (cymruMs < 60 * MS_PER_SECOND) steps.unshift("Wait longer: CYMRU_TIMEOUT=60s");
  return steps;
}
