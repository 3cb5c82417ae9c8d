import { DENO_RUN } from "@ipcascade/testkit";
import { Claims, type Evidence } from "./figures.ts";
import { type LoadedApi, openLoadedApi } from "./loaded_api.ts";
import { formatLatency, getRequest, type PacedOrder, type PacedResult, runPacedLoad } from "./paced_load.ts";
import { hasWrk, runWrk, writeWrkScript } from "./wrk.ts";

/** How long and how much is measured. */
export interface LatencyScale {
  readonly rows: number;
  readonly seconds: number;
  /** Measurements of each kind, of which the calmest counts: others may use the machine. */
  readonly rounds: number;
  /** Largest ratio of the 99th percentile to the median at half of the load, unless a bare route has half of ours. */
  readonly maxRatio: number;
}

const CONNECTIONS = 32;
const CAPACITY_SECONDS = 4;

/** At half of the load that the server can bear, the slowest hundredth waits at most some medians. */
export async function proveApiLatency(scale: LatencyScale): Promise<Evidence> {
  const claims = new Claims();
  const figures: Record<string, number | string> = {};
  await using api = await openLoadedApi(scale.rows);
  await using bare = await openBare();
  const isByWrk = await hasWrk();
  for (const [name, query] of [["fresh", ""], ["offline", "?offline=1"]] as const) {
    const paths = api.addresses.map((address) => `/v1/ips/${address}${query}`);
    // What is not remembered yet is another measurement.
    await measureByClient(api.server.port, paths, { seconds: 1, warmUpSeconds: 1 });
    const full = isByWrk
      ? await measureByWrk(api, paths, name, figures)
      : await measureByClient(api.server.port, paths, { seconds: CAPACITY_SECONDS, warmUpSeconds: 0 });
    figures[`${name}, whole load`] = `${Math.round(full)} a second`;
    let best = Infinity;
    let bareBest = Infinity;
    for (let round = 1; round <= scale.rounds; round++) {
      const order = { rate: full / 2, seconds: scale.seconds };
      const result = await runPacedLoad(orderOf(api.server.port, paths, order));
      const reference = await runPacedLoad(orderOf(bare.port, ["/small/8.8.8.8"], order));
      best = Math.min(best, ratioOf(result));
      bareBest = Math.min(bareBest, ratioOf(reference));
      figures[`${name}, half of it, round ${round}`] = `${Math.round(result.rate)} a second, ${
        describe(result)
      }`;
      figures[`bare route, the same rate, round ${round} of ${name}`] = describe(reference);
      claims.check(result.failures.length === 0, `a connection failed: ${result.failures[0]}`);
      const isEvery200 = Object.keys(result.statuses).join() === "200";
      claims.check(isEvery200, `statuses are ${JSON.stringify(result.statuses)}`);
      claims.check(result.rate > full * 0.45, `only ${Math.round(result.rate)} a second were answered`);
    }
    // Where the bare route itself is beyond the bar, it is the machine and the client that are measured.
    const isBare = best <= 2 * bareBest;
    claims.check(
      best <= scale.maxRatio || isBare,
      `${name}: p99 is ${best.toFixed(1)} medians, of the bare route ${bareBest.toFixed(1)}`,
    );
  }
  return {
    conditions:
      `${scale.rows} addresses in turn over ${CONNECTIONS} connections, ipcascade serve on PostgreSQL; ` +
      `the whole load by ${isByWrk ? "one thread of wrk" : "the client itself"}; half of it evenly spaced, ` +
      `${scale.seconds} s, a client in a process of its own, latencies from when a request was due; the bare ` +
      "route of Hono shows what machine and client add",
    figures,
    broken: claims.broken,
  };
}

function orderOf(
  port: number,
  paths: readonly string[],
  { rate, seconds }: { readonly rate: number; readonly seconds: number },
): PacedOrder {
  return {
    port,
    connections: CONNECTIONS,
    rate,
    seconds,
    warmUpSeconds: 1,
    isPrecise: true,
    kinds: [{ share: 1, requests: paths.map(getRequest) }],
  };
}

function ratioOf({ p50Ms, p99Ms }: PacedResult): number {
  return p99Ms / p50Ms;
}

function describe(result: PacedResult): string {
  return `${formatLatency(result)}, p99/p50 ${ratioOf(result).toFixed(1)}, left late by ` +
    `${result.lateP99Ms.toFixed(2)} ms at p99`;
}

/** The rate that wrk reaches; what it sees over few connections is told as well. */
async function measureByWrk(
  { server, dir }: LoadedApi,
  paths: readonly string[],
  name: string,
  figures: Record<string, number | string>,
): Promise<number> {
  const script = dir.join("paths.lua");
  await Deno.writeTextFile(script, writeWrkScript(paths));
  const run = (connections: number) =>
    runWrk({ url: server.address, seconds: CAPACITY_SECONDS, connections, script });
  const full = await run(CONNECTIONS);
  figures[`${name}, wrk, ${CONNECTIONS} connections`] = `p50 ${full.p50}, p99 ${full.p99}`;
  const few = await run(2);
  figures[`${name}, wrk, 2 connections`] = `${Math.round(few.rate)} a second, p50 ${few.p50}, p99 ${few.p99}`;
  return full.rate;
}

async function measureByClient(
  port: number,
  paths: readonly string[],
  times: { readonly seconds: number; readonly warmUpSeconds: number },
): Promise<number> {
  const kinds = [{ share: 1, requests: paths.map(getRequest) }];
  const { rate } = await runPacedLoad({
    ...times,
    port,
    kinds,
    connections: CONNECTIONS,
    rate: null,
    isPrecise: false,
  });
  return rate;
}

/** The smallest route of the same framework, on the same runtime. */
async function openBare(): Promise<AsyncDisposable & { readonly port: number }> {
  const program = new URL("../../apps/api/testing/bare_hono.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...DENO_RUN, program, "{}"],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return {
    port: Number(new TextDecoder().decode(value).trim()),
    [Symbol.asyncDispose]: async () => {
      child.kill();
      await child.stdout.cancel();
      await child.status;
    },
  };
}
