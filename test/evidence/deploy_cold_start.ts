import { EDITION_BUILD_EPOCH, openPostgresServer, openTempDir, writeRealSizePair } from "@ipcascade/testkit";
import { type DeployApp, runDeployJob, startDeployApp } from "../deploy_app.ts";
import { Claims, type Evidence } from "./figures.ts";
import { runMeasured } from "./measured_run.ts";
import { openSlowLink } from "./slow_link.ts";

/** What is claimed. */
export interface ColdStartBars {
  /** Starts of each kind; the median counts. */
  readonly rounds: number;
  readonly maxSeconds: number;
  readonly maxMb: number;
  /** Milliseconds to the database, one way, in the second kind of start, which has no bar of seconds. */
  readonly farMs: number;
}

type Env = Readonly<Record<string, string>>;

/** A process without a disk answers a first look-up soon, from editions of real size that are in PostgreSQL. */
export async function proveColdStart({ rounds, maxSeconds, maxMb, farMs }: ColdStartBars): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  await using dir = await openTempDir();
  await writeRealSizePair(dir.path);
  const env: Env = {
    DATABASE_URL: server.url,
    EDITION_STORE: "postgres",
    EDITION_PROVIDER: "mirror",
    EDITION_MIRROR_URL: dir.path,
  };
  const loaded = await runMeasured(["editions", "update"], { ...env, IPCASCADE_DATA_DIR: dir.join("data") });
  claims.check(loaded.code === 0, `the editions can't be loaded: ${loaded.stderr.slice(-300)}`);
  await using link = await openSlowLink(server.port, farMs);
  const farUrl = server.url.replace(`:${server.port}/`, `:${link.port}/`);
  const near = await startOften(env, rounds, claims);
  const far = await startOften({ ...env, DATABASE_URL: farUrl }, rounds, claims);
  await writeRealSizePair(dir.path, { buildEpoch: EDITION_BUILD_EPOCH + 86_400 });
  const updateMb = await update(env, claims);
  claims.check(near.seconds < maxSeconds, `the first answer took ${near.seconds} s`);
  for (const mb of [near.peakMb, far.peakMb, updateMb]) claims.check(mb < maxMb, `the peak is ${mb} MB`);
  return {
    conditions: `City and ASN of real size in PostgreSQL on this machine, deno serve with --deny-write; ` +
      `median of ${rounds} starts; far: each way to the database ${farMs} ms longer`,
    figures: {
      nearSeconds: near.seconds,
      nearCpuSeconds: near.cpuSeconds,
      farSeconds: far.seconds,
      lookupPeakMb: Math.max(near.peakMb, far.peakMb),
      updatePeakMb: updateMb,
      commandLoadSeconds: loaded.seconds.toFixed(1),
      commandLoadPeakMb: loaded.peakMb,
    },
    broken: claims.broken,
  };
}

async function startOften(env: Env, rounds: number, claims: Claims) {
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  let peakMb = 0;
  for (let round = 0; round < rounds; round++) {
    await using app = startDeployApp(env);
    await lookUp(app, "8.8.8.8", claims);
    seconds.push((performance.now() - app.startedAt) / 1_000);
    cpuSeconds.push(readCpuSeconds(app.pid));
    for (let last = 1; last < 200; last++) await lookUp(app, `8.8.8.${last}`, claims);
    peakMb = Math.max(peakMb, app.peakMb());
  }
  return { seconds: medianOf(seconds), cpuSeconds: medianOf(cpuSeconds), peakMb };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Number(sorted[Math.floor(sorted.length / 2)]!.toFixed(2));
}

/** What a process took of the processors, all its threads together. */
function readCpuSeconds(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).replace(/^.*\) /, "").split(" ");
  // In hundredths of a second; the state, which comes after the name, is field 3 in proc(5).
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

async function lookUp(app: DeployApp, ip: string, claims: Claims): Promise<void> {
  // What the remote sources would say is none of it.
  const response = await app.ask(`/v1/ips/${ip}?sources=maxmind`);
  const text = await response.text();
  claims.check(
    response.status === 200 && JSON.parse(text).asn_source === "maxmind",
    `${ip}: ${text.slice(0, 200)}`,
  );
}

/** Installs the next release while the one before serves. */
async function update(env: Env, claims: Claims): Promise<number> {
  await using app = startDeployApp(env);
  await lookUp(app, "8.8.8.8", claims);
  const run = await runDeployJob(app, "update-editions");
  claims.check(run.state === "succeeded", `the update ${run.state}: ${app.logged().slice(-300)}`);
  await lookUp(app, "8.8.8.8", claims);
  return app.peakMb();
}
