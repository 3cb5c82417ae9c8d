import { type Clock, formatInstant, MS_PER_DAY, type RequestHistory } from "@ipcascade/core";
import { type SourceLatency, summariseLatency } from "./source_latency.ts";

/** One source by one channel over the last day. */
export interface SourceActivity extends SourceLatency {
  /** Begin of the newest clock hour with a request, RFC 3339 UTC. */
  readonly last_hour: string;
}

/** The report on what was asked of the sources. Instants are RFC 3339 UTC. */
export interface SourceActivityReport {
  readonly operation: "read-source-activity";
  readonly since: string;
  /** In the order of the cascade; without those that nobody asked. */
  readonly sources: readonly SourceActivity[];
}

/** Sums up what all processes asked of the sources in the last 24 hours. Throws `StoreError`. */
export async function readSourceActivity(
  { requests, clock }: { readonly requests: Pick<RequestHistory, "list">; readonly clock: Clock },
): Promise<SourceActivityReport> {
  const since = clock.now() - MS_PER_DAY;
  const hours = await requests.list(since);
  return {
    operation: "read-source-activity",
    since: formatInstant(since),
    sources: summariseLatency(hours).map((one) => {
      const own = hours.filter(({ source, channel }) => source === one.source && channel === one.channel);
      return { ...one, last_hour: formatInstant(own.at(-1)!.hourAt) };
    }),
  };
}
