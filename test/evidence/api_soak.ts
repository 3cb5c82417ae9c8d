import { randomAddresses } from "../../scripts/bench/addresses.ts";
import { pass } from "./api_server.ts";
import { Claims, type Evidence } from "./figures.ts";
import { type LoadedApi, openLoadedApi } from "./loaded_api.ts";
import { formatLatency, getRequest, type PacedKind, postRequest, runPacedLoad } from "./paced_load.ts";

/** How long, and what may grow. */
export interface SoakScale {
  readonly seconds: number;
  /** How long answers are asked for before, so that as many are remembered as may be. */
  readonly fillSeconds: number;
  /** After which the server is as large as it gets. */
  readonly settledSeconds: number;
  /** Largest share that its memory may grow by from then to the end. */
  readonly maxGrowth: number;
  /** Largest resident size at any time. */
  readonly maxMb: number;
  /** Addresses that are asked about offline: more than the memory of answers holds. */
  readonly offlineAddresses: number;
}

const ROWS = 5_000;
const CONNECTIONS = 24;
const CAPACITY_SECONDS = 3;
/** Sizes are the medians of windows, since garbage comes and goes: seconds of one. */
const WINDOW = 10;
/** Files and connections that come and go beside those of the clients. */
const MAX_MORE_DESCRIPTORS = 8;

interface Sample {
  readonly residentMb: number;
  readonly descriptors: number;
  readonly sockets: number;
}

/** Mixed load for a while at half of what the server can bear: memory, files and connections stay as they are. */
export async function proveApiSoak(scale: SoakScale): Promise<Evidence> {
  const claims = new Claims();
  await using api = await openLoadedApi(ROWS);
  const { server } = api;
  const load = {
    port: server.port,
    connections: CONNECTIONS,
    isPrecise: false,
    kinds: mixKinds(api, scale.offlineAddresses),
  };
  // The memory of answers is as full as it gets, and the rate is one of a server that has run for a while.
  await runPacedLoad({
    ...load,
    kinds: [load.kinds[1]!],
    rate: null,
    seconds: scale.fillSeconds,
    warmUpSeconds: 0,
  });
  const { rate } = await runPacedLoad({ ...load, rate: null, seconds: CAPACITY_SECONDS, warmUpSeconds: 1 });
  let isOver = false;
  const running = runPacedLoad({ ...load, rate: rate / 2, seconds: scale.seconds, warmUpSeconds: 1 })
    .finally(() => isOver = true);
  const samples: Sample[] = [];
  while (!isOver) {
    samples.push(readSample(server.pid));
    await Promise.race([running, pass(1_000)]);
  }
  const result = await running;
  // The last one may find the connections closed.
  samples.pop();
  const early = samples.slice(scale.settledSeconds, scale.settledSeconds + WINDOW);
  const late = samples.slice(-WINDOW);
  const [before, after] = [medianOf(early, "residentMb"), medianOf(late, "residentMb")];
  const growth = after / before - 1;
  claims.check(growth < scale.maxGrowth, `memory grew from ${before} to ${after} MB`);
  const largest = Math.max(...samples.map(({ residentMb }) => residentMb));
  claims.check(largest < scale.maxMb, `the server took ${largest} MB, allowed are ${scale.maxMb}`);
  for (const what of ["descriptors", "sockets"] as const) {
    const most = Math.max(...samples.slice(scale.settledSeconds).map((sample) => sample[what]));
    const atFirst = medianOf(early, what);
    claims.check(most <= atFirst + MAX_MORE_DESCRIPTORS, `${what} grew from ${atFirst} to ${most}`);
  }
  claims.check(result.failures.length === 0, `a connection failed: ${result.failures[0]}`);
  const isEvery200 = Object.keys(result.statuses).join() === "200";
  claims.check(isEvery200, `statuses are ${JSON.stringify(result.statuses)}`);
  claims.check(result.rate > rate * 0.45, `only ${Math.round(result.rate)} requests a second were answered`);
  return {
    conditions:
      `${scale.seconds} s at ${Math.round(rate / 2)} requests a second, half of what the same client ` +
      `gets at most, over ${CONNECTIONS} connections: of 1000, 520 fresh rows, 300 offline of ${scale.offlineAddresses} ` +
      "addresses, 120 from the inventory, 40 of new ones by MaxMind, 18 batches of 50, 2 of /metrics; on PostgreSQL",
    figures: {
      answers: result.answers,
      latency: formatLatency(result),
      [`MB after ${scale.settledSeconds} s`]: before,
      "MB at the end": after,
      "MB, by tenths": tenthsOf(samples).join(" "),
      growth: `${(growth * 100).toFixed(1)} %`,
      descriptors: `${medianOf(early, "descriptors")} to ${medianOf(late, "descriptors")}`,
      sockets: `${medianOf(early, "sockets")} to ${medianOf(late, "sockets")}`,
    },
    broken: claims.broken,
  };
}

function mixKinds({ addresses }: LoadedApi, offlineAddresses: number): readonly PacedKind[] {
  const get = (texts: readonly string[], query = "") =>
    texts.map((address) => getRequest(`/v1/ips/${address}${query}`));
  const batches = Array.from(
    { length: 50 },
    (_, i) => postRequest("/v1/ips", addresses.slice(i * 50, i * 50 + 50)),
  );
  const unknown = randomAddresses(20_000, 7);
  return [
    { share: 520, requests: get(addresses) },
    { share: 300, requests: get(randomAddresses(offlineAddresses), "?offline=1") },
    { share: 120, requests: get(addresses, "?sources=maxmind") },
    { share: 40, requests: get(unknown, "?sources=maxmind") },
    { share: 18, requests: batches },
    { share: 2, requests: [getRequest("/metrics")] },
  ];
}

function readSample(pid: number): Sample {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const links = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) =>
    readLink(`/proc/${pid}/fd/${name}`)
  );
  return {
    residentMb: Math.round(Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024),
    descriptors: links.length,
    sockets: links.filter((link) => link.startsWith("socket:")).length,
  };
}

function readLink(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return "";
  }
}

function medianOf(samples: readonly Sample[], what: keyof Sample): number {
  const values = samples.map((sample) => sample[what]).sort((a, b) => a - b);
  return values[Math.floor(values.length / 2)] ?? NaN;
}

function tenthsOf(samples: readonly Sample[]): number[] {
  const size = Math.max(1, Math.floor(samples.length / 10));
  return Array.from(
    { length: 10 },
    (_, i) => medianOf(samples.slice(i * size, (i + 1) * size), "residentMb"),
  );
}
