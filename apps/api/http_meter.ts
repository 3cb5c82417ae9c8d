import { FixedHistogram, type Metric, type MetricSample, MS_PER_SECOND } from "@ipcascade/core";

/** Bounds in seconds: a row out of memory takes some microseconds, a bulk session minutes. */
const BOUNDS = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** What callers may make up is counted as one. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] as const;
const OTHER = "other";

/** A request that was answered. */
export interface MeteredRequest {
  readonly method: string;
  /** Template of the route, such as `/v1/ips/:ip`. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

/** One route and method. */
interface Line {
  readonly method: string;
  readonly route: string;
  readonly durations: FixedHistogram;
  /** By the first digit of the status. */
  readonly statuses: number[];
}

/** Counts requests to this process. */
export interface HttpMeter {
  begin(): void;
  end(request: MeteredRequest): void;
  /** What was counted so far. */
  read(): readonly Metric[];
}

/** Makes a meter. One request costs a look-up in two maps and a few comparisons. */
export function createHttpMeter(): HttpMeter {
  const lines = new Map<string, Map<string, Line>>();
  let inFlight = 0;
  return {
    begin: () => {
      inFlight++;
    },
    end: ({ method, route, status, durationMs }) => {
      inFlight--;
      const line = findLine(lines, method, route);
      line.durations.add(durationMs / MS_PER_SECOND);
      line.statuses[Math.floor(status / 100)]!++;
    },
    read: () => describe([...lines.values()].flatMap((methods) => [...methods.values()]), inFlight),
  };
}

function findLine(lines: Map<string, Map<string, Line>>, method: string, route: string): Line {
  let methods = lines.get(route);
  if (methods === undefined) lines.set(route, methods = new Map());
  const known = methods.get(method);
  if (known !== undefined) return known;
  const name = METHODS.find((one) => one === method) ?? OTHER;
  const made = methods.get(name) ??
    { method: name, route, durations: new FixedHistogram(BOUNDS), statuses: new Array(10).fill(0) };
  methods.set(name, made);
  return made;
}

function describe(lines: readonly Line[], inFlight: number): readonly Metric[] {
  return [
    {
      name: "ipcascade_http_requests_total",
      help: "Requests that were answered, by method, template of the route and class of status.",
      type: "counter",
      samples: lines.flatMap(countStatuses),
    },
    {
      name: "ipcascade_http_request_duration_seconds",
      help: "Time from a request to the beginning of its answer.",
      type: "histogram",
      histograms: lines.map(({ method, route, durations }) => durations.read({ method, route })),
    },
    {
      name: "ipcascade_http_requests_in_flight",
      help: "Requests without an answer yet, this one among them.",
      type: "gauge",
      samples: [{ labels: {}, value: inFlight }],
    },
  ];
}

function countStatuses({ method, route, statuses }: Line): readonly MetricSample[] {
  return statuses.flatMap((value, first) =>
    value === 0 ? [] : [{ labels: { method, route, status: `${first}xx` }, value }]
  );
}
