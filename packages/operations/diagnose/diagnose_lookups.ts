import { type Clock, formatInstant, ipv4FromBits, type MaxmindSource, parseAddress } from "@ipcascade/core";
import type { DiagnosedPart } from "./conclude.ts";
import { type LatencyLimits, roundLatency } from "./latency_limits.ts";

/** Opens the editions anew, so that the first look-up is a first one. */
export type OpenEditionReader = () => Promise<{ readonly maxmind: MaxmindSource } & AsyncDisposable>;

/** Addresses spread over IPv4. */
const SAMPLES = 1_000;
const STEP = Math.floor(2 ** 32 / SAMPLES);

/** Measures the first look-up after opening the editions, and then warm ones. */
export async function diagnoseLookups(
  { clock, openEditions }: { readonly clock: Clock; readonly openEditions: OpenEditionReader },
  limits: LatencyLimits,
): Promise<DiagnosedPart> {
  const startedMs = clock.elapsed();
  await using opened = await openEditions();
  const openMs = clock.elapsed() - startedMs;
  const { maxmind } = opened;
  if (maxmind.installed === null) return { findings: [NOTHING_INSTALLED], causes: [] };
  const checkedAt = formatInstant(clock.now());
  const measure = (address: Parameters<MaxmindSource["lookUp"]>[0]) => {
    const atMs = clock.elapsed();
    maxmind.lookUp(address, checkedAt);
    return clock.elapsed() - atMs;
  };
  const firstMs = roundLatency(measure(parseAddress("8.8.8.8")!));
  const samples = Array.from({ length: SAMPLES }, (_, index) => ipv4FromBits(index * STEP));
  for (const sample of samples) measure(sample);
  const durations = samples.map(measure).sort((a, b) => a - b);
  const warmMs = roundLatency(durations[Math.ceil(SAMPLES * 0.95) - 1]!);
  return judgeLookups({ openMs: roundLatency(openMs), firstMs, warmMs }, limits);
}

interface LookupTimes {
  readonly openMs: number;
  readonly firstMs: number;
  readonly warmMs: number;
}

function judgeLookups(
  { openMs, firstMs, warmMs }: LookupTimes,
  { firstLookupMs, warmLookupMs }: LatencyLimits,
): DiagnosedPart {
  const first = `the first look-up takes ${firstMs} ms (about ${firstLookupMs} ms is expected)`;
  const warm = `95 of 100 later ones take up to ${warmMs} ms (limit ${warmLookupMs} ms)`;
  const isCold = firstMs > firstLookupMs;
  const isSlow = warmMs > warmLookupMs;
  return {
    findings: [
      {
        check: "maxmind_open",
        grade: "ok",
        message: `opening the editions takes ${openMs} ms`,
        observed: openMs,
        unit: "ms",
      },
      {
        check: "maxmind_first",
        grade: isCold ? "warning" : "ok",
        message: first,
        observed: firstMs,
        unit: "ms",
      },
      {
        check: "maxmind_warm",
        grade: isSlow ? "warning" : "ok",
        message: warm,
        observed: warmMs,
        unit: "ms",
      },
    ],
    causes: !isCold && !isSlow ? [] : [{
      cause: "maxmind_cold",
      grade: "warning",
      summary: `MaxMind's look-ups are slow: ${first}, ${warm}. The machine swaps, or has no time for it.`,
      steps: [
        "Give the machine memory for the editions: ipcascade diagnose memory",
        "Enrich many addresses with one command instead of one each: every command opens the editions anew",
      ],
    }],
  };
}

const NOTHING_INSTALLED = {
  check: "maxmind_first",
  grade: "info",
  message: "no MaxMind edition is installed, so there are no look-ups to measure; ipcascade editions update",
  observed: null,
  unit: null,
} as const;
