import { openPostgresServer, openTempDir, writeEditionPair } from "@ipcascade/testkit";
import { openLab } from "@ipcascade/testkit/lab";
import { startApiServer } from "../../test/evidence/api_server.ts";

const SECONDS = 4;
const ROUNDS = 3;
const SPREAD = 10_000;

/** A rate by wrk and its latencies. */
interface Load {
  readonly rate: number;
  readonly p50: string;
  readonly p99: string;
}

/** What is asked, and the share of the bare route that it has to reach. */
const CASES = [
  ["fresh row, one address", "", 1, 0.35],
  [`fresh rows, ${SPREAD} addresses`, "", SPREAD, 0.35],
  ["offline, one address", "?offline=1", 1, 0.6],
  [`offline, ${SPREAD} addresses`, "?offline=1", SPREAD, 0.6],
] as const;

/** `GET /v1/ips/{ip}` against a bare Hono route that answers JSON, on the same runtime, by one thread of wrk. */
export async function benchApi(): Promise<void> {
  if (!await hasWrk()) return console.log("\napi: skipped, for wrk is not installed (apt-get install wrk)");
  await using dir = await openTempDir();
  await using postgres = await openPostgresServer();
  await writeEditionPair(dir.join("editions"));
  await using lab = await openLab();
  await using server = await startApiServer({
    ...lab.env,
    DATABASE_URL: await postgres.createDatabase(),
    IPCASCADE_DATA_DIR: dir.join("data"),
    GEOIPUPDATE_DB_DIR: dir.join("editions"),
  });
  // GreyNoise is not asked about IPv6: all of them are fresh after one session of the stand-in of Team Cymru.
  const addresses = [
    "8.8.8.8",
    ...Array.from({ length: SPREAD - 1 }, (_, i) => `2a00:${(i + 1).toString(16)}::1`),
  ];
  await fill(server.address, addresses);
  const record = await (await fetch(`${server.address}/v1/ips/8.8.8.8?offline=1`)).text();
  const bare = startBare(record);
  const port = await readPort(bare);
  console.log(`\napi: wrk, 1 thread, 32 connections, ${SECONDS} s, the best of ${ROUNDS} rounds in turn`);
  try {
    for (const [name, query, count, bar] of CASES) {
      const script = dir.join("spread.lua");
      await Deno.writeTextFile(script, writeScript(addresses.slice(0, count), query));
      await compare(name, bar, {
        small: () => runWrk(`http://127.0.0.1:${port}/small/8.8.8.8`),
        record: () => runWrk(`http://127.0.0.1:${port}/record/8.8.8.8`),
        ours: () => runWrk(server.address, ["-s", script]),
      });
    }
  } finally {
    bare.kill();
    await bare.status;
  }
}

async function compare(
  name: string,
  bar: number,
  loads: Readonly<Record<"small" | "record" | "ours", () => Promise<Load>>>,
): Promise<void> {
  const best = { small: 0, record: 0, ours: 0 };
  let latency = "";
  for (let round = 0; round < ROUNDS; round++) {
    for (const which of ["small", "record", "ours"] as const) {
      const load = await loads[which]();
      if (which === "ours" && load.rate > best.ours) latency = `p50 ${load.p50}, p99 ${load.p99}`;
      best[which] = Math.max(best[which], load.rate);
    }
  }
  // Deno writes a body of more than some 400 bytes by a second call, which alone halves the rate of a bare route.
  const against = (name: string, rate: number) => {
    const ratio = best.ours / rate;
    const verdict = ratio >= bar ? "reached" : "MISSED";
    return `${ratio.toFixed(2)} × a bare route with ${name} (${format(rate)}/s; bar ${bar}: ${verdict})`;
  };
  console.log(
    `  ${name.padEnd(26)} ${format(best.ours)}/s, ${latency}: ${against("the same body", best.record)}, ` +
      against("33 bytes", best.small),
  );
}

/** Makes every address known. */
async function fill(address: string, addresses: readonly string[]): Promise<void> {
  const response = await fetch(`${address}/v1/ips`, {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: addresses.join("\n"),
  });
  await response.text();
}

function writeScript(addresses: readonly string[], query: string): string {
  const paths = addresses.map((address) => `"/v1/ips/${address}${query}"`).join(",\n");
  return `local paths = {${paths}}\nlocal at = 0\nrequest = function()\n  at = at % #paths + 1\n` +
    `  return wrk.format("GET", paths[at])\nend\n`;
}

async function runWrk(url: string, more: readonly string[] = []): Promise<Load> {
  const args = ["-t1", "-c32", `-d${SECONDS}s`, "--latency", ...more, url];
  const { stdout } = await new Deno.Command("wrk", { args }).output();
  const text = new TextDecoder().decode(stdout);
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1];
  if (failed !== undefined) console.log(`  ${failed} requests failed at ${url}`);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? NaN),
    p50: /^\s+50%\s+(\S+)/m.exec(text)?.[1] ?? "?",
    p99: /^\s+99%\s+(\S+)/m.exec(text)?.[1] ?? "?",
  };
}

async function hasWrk(): Promise<boolean> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}

function startBare(record: string): Deno.ChildProcess {
  const program = new URL("../../apps/api/testing/bare_hono.ts", import.meta.url).pathname;
  return new Deno.Command(Deno.execPath(), { args: ["run", "-A", "-q", program, record], stdout: "piped" })
    .spawn();
}

async function readPort(child: Deno.ChildProcess): Promise<number> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return Number(new TextDecoder().decode(value).trim());
}

function format(rate: number): string {
  return Math.round(rate).toLocaleString("en-US").padStart(9);
}
