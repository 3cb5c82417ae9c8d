import {
  FixedHistogram,
  type Metric,
  MS_PER_SECOND,
  type RequestChannel,
  type RequestRecord,
  type SourceRequest,
} from "@ipcascade/core";

/** Bounds in seconds, around what each channel takes: microseconds in memory, minutes for a bulk session. */
export const REQUEST_BOUNDS: Readonly<Record<RequestChannel, readonly number[]>> = {
  local: [0.000_001, 0.000_002_5, 0.000_005, 0.000_01, 0.000_025, 0.000_1, 0.001, 0.01, 0.1],
  dns: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  http: [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
  whois: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 240],
};

interface Line extends Pick<SourceRequest, "source" | "channel" | "outcome"> {
  readonly durations: FixedHistogram;
  requests: number;
  addresses: number;
}

/** Counts the requests to the sources by this process. */
export class RequestMeter implements RequestRecord {
  readonly #lines: Line[] = [];

  add(request: SourceRequest): void {
    const line = this.#find(request);
    line.requests++;
    line.addresses += request.addresses;
    // As in the record of requests: what a batch of look-ups took on average for one address.
    const ms = request.channel === "local"
      ? request.durationMs / Math.max(1, request.addresses)
      : request.durationMs;
    line.durations.add(ms / MS_PER_SECOND);
  }

  /** What was counted so far. */
  read(): readonly Metric[] {
    const labelled = this.#lines.map((line) => ({
      line,
      labels: { source: line.source, channel: line.channel, outcome: line.outcome },
    }));
    return [
      {
        name: "ipcascade_source_requests_total",
        help:
          "Requests of this process to a source: sessions, questions, calls, or batches of local look-ups.",
        type: "counter",
        samples: labelled.map(({ line, labels }) => ({ labels, value: line.requests })),
      },
      {
        name: "ipcascade_source_addresses_total",
        help: "Addresses that these requests were about.",
        type: "counter",
        samples: labelled.map(({ line, labels }) => ({ labels, value: line.addresses })),
      },
      {
        name: "ipcascade_source_request_duration_seconds",
        help: "Duration of these requests; of local batches the mean for one address.",
        type: "histogram",
        histograms: labelled.map(({ line, labels }) => line.durations.read(labels)),
      },
    ];
  }

  /** There are a dozen combinations: a walk is quicker than a key made of three words. */
  #find({ source, channel, outcome }: SourceRequest): Line {
    for (const line of this.#lines) {
      if (line.source === source && line.channel === channel && line.outcome === outcome) return line;
    }
    const durations = new FixedHistogram(REQUEST_BOUNDS[channel]);
    const line: Line = { source, channel, outcome, durations, requests: 0, addresses: 0 };
    this.#lines.push(line);
    return line;
  }
}

/** A record that several take note in. */
export function recordInAll(...records: readonly RequestRecord[]): RequestRecord {
  return {
    add: (request) => {
      for (const record of records) record.add(request);
    },
  };
}
