import { openTempDir, writeCowrieLog, writeRealSizePair } from "@ipcascade/testkit";
import { spawnCli } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";
import { readPeakMb } from "./measured_run.ts";

/** How much to push through. */
export interface Load {
  readonly logBytes: number;
  readonly addresses: number;
  readonly maxMb: number;
}

/** A large honeypot log and a long stream of addresses pass in bounded memory, on editions of real size. */
export async function proveMemory(load: Load): Promise<Evidence> {
  const { logBytes, addresses, maxMb } = load;
  const claims = new Claims();
  await using dir = await openTempDir();
  await writeRealSizePair(dir.join("editions"));
  const env = { IPCASCADE_DATA_DIR: dir.join("data"), GEOIPUPDATE_DB_DIR: dir.join("editions") };
  await writeLog(dir.join("cowrie.json"), logBytes);
  await writeAddresses(dir.join("addresses.txt"), addresses);
  const runs = [
    ["import", ["sessions", "import", dir.join("cowrie.json")]],
    ["lookup", ["lookup", dir.join("addresses.txt"), "--format", "ndjson"]],
    ["enrich", ["enrich", dir.join("addresses.txt"), "--offline", "--format", "ndjson"]],
  ] as const;
  const figures: Record<string, number | string> = {};
  for (const [name, args] of runs) {
    const { code, peakMb, seconds, lines, stderr } = await runMeasured(args, env);
    claims.check(code === 0, `${name} ended with ${code}: ${stderr.slice(-200)}`);
    claims.check(name === "import" || lines === addresses, `${name} gave ${lines} records`);
    claims.check(peakMb < maxMb, `${name} took ${peakMb} MB at its peak, allowed are ${maxMb}`);
    figures[`${name}PeakMb`] = peakMb;
    figures[`${name}Seconds`] = seconds.toFixed(1);
  }
  const size = `${Math.round(logBytes / 1e6)} MB of log, ${addresses} distinct addresses`;
  return {
    conditions: `${size}, editions of real size, embedded database, peak resident memory of the process`,
    figures,
    broken: claims.broken,
  };
}

async function runMeasured(args: readonly string[], env: Record<string, string>) {
  const started = performance.now();
  const child = spawnCli(args, env);
  const stderr = new Response(child.stderr).text();
  let peakMb = 0;
  const timer = setInterval(() => peakMb = Math.max(peakMb, readPeakMb(child.pid)), 50);
  let lines = 0;
  for await (const chunk of child.stdout) for (const byte of chunk) if (byte === 10) lines++;
  const { code } = await child.status;
  clearInterval(timer);
  return { code, peakMb, lines, seconds: (performance.now() - started) / 1000, stderr: await stderr };
}

async function writeLog(path: string, bytes: number): Promise<void> {
  using file = await Deno.open(path, { write: true, create: true });
  const writer = file.writable.getWriter();
  const encoder = new TextEncoder();
  let written = 0;
  let part = "";
  for (const line of writeCowrieLog({ sessions: Infinity })) {
    part += line;
    if (part.length < 1 << 20) continue;
    await writer.write(encoder.encode(part));
    written += part.length;
    part = "";
    if (written >= bytes) break;
  }
  writer.releaseLock();
}

async function writeAddresses(path: string, count: number): Promise<void> {
  const { randomAddresses } = await import("../../scripts/bench/addresses.ts");
  await Deno.writeTextFile(path, `${randomAddresses(count, 3).join("\n")}\n`);
}
