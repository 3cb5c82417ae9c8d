import { DENO_RUN } from "@ipcascade/testkit";
import { openCliWorld } from "../run_cli.ts";
import { Claims, type Evidence } from "./figures.ts";

const MAIN = new URL("../../apps/cli/main.ts", import.meta.url).pathname;
const BIN = new URL("../../node_modules/.bin/", import.meta.url).pathname;

/** How each runtime starts the command. */
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  deno: [Deno.execPath(), ...DENO_RUN, MAIN],
  bun: [`${BIN}bun`, MAIN],
  node: [`${BIN}tsx`, MAIN],
};

/** The command's smoke suite on Deno, Bun and Node: version, help, config, look-up, enrichment, import, quota, queue, backup, bad usage. */
export async function proveRuntimes(): Promise<Evidence> {
  const claims = new Claims();
  const figures: Record<string, string> = {};
  for (const [runtime, command] of Object.entries(RUNTIMES)) {
    await using world = await openCliWorld();
    const started = performance.now();
    const run = async (args: readonly string[], stdin?: string) => {
      const { PATH = "", HOME = "", TMPDIR = "/tmp" } = Deno.env.toObject();
      const child = new Deno.Command(command[0]!, {
        args: [...command.slice(1), ...args],
        env: { PATH, HOME, TMPDIR, ...world.env },
        clearEnv: true,
        stdin: stdin === undefined ? "null" : "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      if (stdin !== undefined) {
        const writer = child.stdin.getWriter();
        await writer.write(new TextEncoder().encode(stdin));
        await writer.close();
      }
      const { code, stdout, stderr } = await child.output();
      return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
    };
    const expect = async (
      name: string,
      code: number,
      part: string,
      args: readonly string[],
      stdin?: string,
    ) => {
      const result = await run(args, stdin);
      const isRight = result.code === code && (result.stdout + result.stderr).includes(part);
      claims.check(
        isRight,
        `${runtime} ${name}: exit ${result.code}, ${summarise(result.stdout + result.stderr)}`,
      );
    };
    const log = new URL("../../packages/testkit/testdata/cowrie.json", import.meta.url).pathname;
    await expect("version", 0, "ipcascade/0.1.0", ["--version"]);
    await expect("help", 0, "sessions", ["--help"]);
    await expect("config", 0, "CYMRU_TIMEOUT", ["config"]);
    await expect("lookup", 0, '"asn_number":15169', ["lookup", "-", "--format", "ndjson"], "8.8.8.8\n");
    await expect("import", 0, "320 new", ["sessions", "import", log]);
    await expect("enrich", 3, "INVALID_ADDRESS", [
      "enrich",
      "8.8.8.8",
      "5.1.2.3",
      "5.1.2.4",
      "x",
      "--format",
      "json",
    ]);
    await expect("dns", 0, '"cymru"', ["enrich", "5.9.9.9", "--format", "ndjson"]);
    await expect("fresh", 0, '"from_inventory":true', ["enrich", "8.8.8.8", "--format", "ndjson"]);
    await expect("quota set", 0, "500/week", ["quota", "set", "500/week", "--reason", "smoke"]);
    await expect("quota", 0, "set by an operator", ["quota"]);
    await expect("queue", 0, "1 address queued", ["enrich", "--queue", "8.8.4.4"]);
    await expect("work", 0, "1 batch, 1 address done", ["work", "--drain"]);
    await expect("backup", 0, '"status": "sound"', ["backup", "create", "--format", "json"]);
    await expect("verify", 0, "sound (rows)", ["backup", "verify"]);
    await expect("restore", 0, "every row was compared", ["restore", "latest", "--yes"]);
    await expect("bad flag", 2, "ipcascade:", ["enrich", "8.8.8.8", "--formt", "json"]);
    await expect("bad command", 2, "no such command", ["enrihc"]);
    figures[`${runtime}Seconds`] = ((performance.now() - started) / 1000).toFixed(1);
  }
  return { conditions: "17 calls on each runtime, lab on loopback, PGlite", figures, broken: claims.broken };
}

/** Both ends of a text: what was being done stands at the beginning, how it ended at the end. */
function summarise(text: string): string {
  return text.length <= 1_000 ? text : `${text.slice(0, 500)} … ${text.slice(-500)}`;
}
