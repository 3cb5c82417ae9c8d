import {
  addBuckets,
  type LatencyFigures,
  latencyFigures,
  type RequestChannel,
  type RequestHour,
  type RequestOutcome,
  type SourceName,
} from "@ipcascade/core";
import { roundLatency } from "./latency_limits.ts";

/**
 * How long one source took by one channel. Durations are in milliseconds, of answers and of what timed out together,
 * null where there was none; those of `local` are for one address.
 */
export interface SourceLatency {
  readonly source: SourceName;
  readonly channel: RequestChannel;
  readonly requests: number;
  readonly addresses: number;
  readonly outcomes: Readonly<Partial<Record<RequestOutcome, number>>>;
  readonly mean_ms: number | null;
  readonly p50_ms: number | null;
  readonly p95_ms: number | null;
  readonly p99_ms: number | null;
}

/** Sums the record up by source and channel, in the order of the cascade. */
export function summariseLatency(hours: readonly RequestHour[]): SourceLatency[] {
  return ORDER.flatMap(([source, channel]) => {
    const group = hours.filter((hour) => hour.source === source && hour.channel === channel);
    return group.length === 0 ? [] : [summariseGroup(source, channel, group)];
  });
}

const ORDER: readonly (readonly [SourceName, RequestChannel])[] = [
  ["maxmind", "local"],
  ["cymru", "whois"],
  ["cymru", "dns"],
  ["greynoise", "http"],
];

function summariseGroup(
  source: SourceName,
  channel: RequestChannel,
  hours: readonly RequestHour[],
): SourceLatency {
  const outcomes: Partial<Record<RequestOutcome, number>> = {};
  for (const { outcome, requests } of hours) outcomes[outcome] = (outcomes[outcome] ?? 0) + requests;
  return {
    source,
    channel,
    requests: sum(hours, ({ requests }) => requests),
    addresses: sum(hours, ({ addresses }) => addresses),
    outcomes,
    ...roundFigures(figuresOf(channel, hours)),
  };
}

/** A refusal comes at once, and says nothing about how long answers take. */
function figuresOf(channel: RequestChannel, hours: readonly RequestHour[]): LatencyFigures {
  const waited = hours.filter(({ outcome }) => outcome === "answered" || outcome === "timeout");
  const durationMs = sum(waited, (hour) => hour.durationMs);
  const figures = latencyFigures(addBuckets(waited.map(({ buckets }) => buckets)), durationMs);
  const addresses = sum(waited, (hour) => hour.addresses);
  return channel === "local" && addresses > 0 ? { ...figures, meanMs: durationMs / addresses } : figures;
}

function roundFigures({ meanMs, p50Ms, p95Ms, p99Ms }: LatencyFigures) {
  const round = (ms: number | null) => ms === null ? null : roundLatency(ms);
  return { mean_ms: round(meanMs), p50_ms: round(p50Ms), p95_ms: round(p95Ms), p99_ms: round(p99Ms) };
}

function sum(hours: readonly RequestHour[], read: (hour: RequestHour) => number): number {
  return hours.reduce((total, hour) => total + read(hour), 0);
}
