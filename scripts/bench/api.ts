import { openPostgresServer, openTempDir, writeEditionPair } from "@ipcascade/testkit";
import { openLab } from "@ipcascade/testkit/lab";
import { startApiServer } from "../../test/evidence/api_server.ts";
import { isInstalled, runProgram } from "./framework/processes.ts";
import { type Contestants, takeTurns } from "./framework/runner.ts";
import type { Scenario } from "./framework/scenario.ts";
import { INSTALL } from "./references/mod.ts";

const SECONDS = 4;
const CONNECTIONS = 32;
const SPREAD = 10_000;
const SAME_BODY = "bare Hono, the same body";
const SMALL_BODY = "bare Hono, 33 bytes";

/** What is asked, and the share of the bare route with the same body that it has to reach. */
const CASES = [
  ["fresh row, one address", "", 1, 0.5],
  [`fresh rows, ${SPREAD} addresses`, "", SPREAD, 0.5],
  ["offline, one address", "?offline=1", 1, 0.75],
  [`offline, ${SPREAD} addresses`, "?offline=1", SPREAD, 0.75],
] as const;

/** `GET /v1/ips/{ip}` against a bare Hono route that answers JSON, on the same runtime, by one thread of wrk. */
export const benchApi: Scenario = {
  name: "api",
  measures: "`GET /v1/ips/{ip}` from the inventory and offline, as requests a second",
  rounds: 5,
  contests: CASES.flatMap(([ours, , , bar]) => [
    { ours, reference: SAME_BODY, bar },
    // Deno writes a body of more than some 400 bytes by a second call, which alone halves the rate of a bare route.
    { ours, reference: SMALL_BODY, bar: null },
  ]),
  async prepare(inputs) {
    if (!await isInstalled("wrk", ["-v"])) {
      return { conditions: [], skipped: [`there is no wrk: ${INSTALL}`], round: null };
    }
    const { resources } = inputs;
    const dir = resources.use(await openTempDir());
    const postgres = resources.use(await openPostgresServer());
    await writeEditionPair(dir.join("editions"));
    const lab = resources.use(await openLab());
    const server = resources.use(
      await startApiServer({
        ...lab.env,
        DATABASE_URL: await postgres.createDatabase(),
        IPCASCADE_DATA_DIR: dir.join("data"),
        GEOIPUPDATE_DB_DIR: dir.join("editions"),
      }),
    );
    const addresses = listAddresses(inputs.isSmall ? 10 : SPREAD);
    await fill(server.address, addresses);
    const record = await (await fetch(`${server.address}/v1/ips/8.8.8.8?offline=1`)).text();
    const bare = startBare(record);
    resources.defer(async () => {
      bare.kill();
      await bare.status;
    });
    const port = await readPort(bare);
    const seconds = inputs.isSmall ? 1 : SECONDS;
    const contestants: Record<string, Contestants[string]> = {
      [SAME_BODY]: () => runWrk(`http://127.0.0.1:${port}/record/8.8.8.8`, seconds),
      [SMALL_BODY]: () => runWrk(`http://127.0.0.1:${port}/small/8.8.8.8`, seconds),
    };
    for (const [index, [name, query, count]] of CASES.entries()) {
      const script = dir.join(`spread-${index}.lua`);
      const paths = addresses.slice(0, count).map((address) => `/v1/ips/${address}${query}`);
      await Deno.writeTextFile(script, writeScript(paths));
      contestants[name] = async () => {
        await askAll(server.address, paths);
        return await runWrk(server.address, seconds, ["-s", script]);
      };
    }
    return {
      conditions: [
        `wrk with 1 thread and ${CONNECTIONS} connections, ${seconds} s each, on the same machine`,
        "each address was asked for once just before: answers are remembered for a minute",
        "PostgreSQL on the same machine without fsync",
      ],
      round: takeTurns(contestants),
    };
  },
};

/** GreyNoise is not asked about IPv6: all of them are fresh after one session of the stand-in of Team Cymru. */
function listAddresses(count: number): string[] {
  return ["8.8.8.8", ...Array.from({ length: count - 1 }, (_, i) => `2a00:${(i + 1).toString(16)}::1`)];
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

/** Asks for every path once: the server remembers answers for a minute, and is measured with that. */
async function askAll(address: string, paths: readonly string[]): Promise<void> {
  let next = 0;
  const ask = async () => {
    while (next < paths.length) await (await fetch(`${address}${paths[next++]}`)).body?.cancel();
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
}

function writeScript(paths: readonly string[]): string {
  const list = paths.map((path) => `"${path}"`).join(",\n");
  return `local paths = {${list}}\nlocal at = 0\nrequest = function()\n  at = at % #paths + 1\n` +
    `  return wrk.format("GET", paths[at])\nend\n`;
}

/** Requests a second. */
async function runWrk(url: string, seconds: number, more: readonly string[] = []): Promise<number> {
  const args = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, ...more, url];
  const { stdout } = await runProgram({ command: "wrk", args });
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(stdout)?.[1];
  if (failed !== undefined) throw new Error(`${failed} requests failed at ${url}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1] ?? NaN);
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
