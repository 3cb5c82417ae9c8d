import { writeAccessLog } from "./access_log.ts";
import { sizeOf } from "./framework/files.ts";
import type { BenchInputs } from "./framework/inputs.ts";
import { commandLine, type Program, runProgram } from "./framework/processes.ts";
import { type Contestants, takeTurns } from "./framework/runner.ts";
import type { Scenario } from "./framework/scenario.ts";
import { lineEnds } from "./references/mod.ts";
import { openNginx } from "./references/nginx.ts";

const LINES = 5_000_000;
const VISITORS = 500_000;
const OURS = "lookup --annotate";
const LINE_ENDS = "a Deno stream that finds line ends";
const NGINX = "nginx with geoip2, requests";
const NGINX_CORE = "nginx with geoip2, requests a second of processor time";

/** An access log passed through with what is known of each address, against reading its lines. */
export const benchAnnotate: Scenario = {
  name: "annotate",
  measures:
    "`lookup --annotate` of an nginx access log as a whole process, start included, output to /dev/null",
  rounds: 3,
  contests: [
    { ours: OURS, reference: LINE_ENDS, bar: 0.5 },
    { ours: OURS, reference: NGINX, bar: null },
    { ours: OURS, reference: NGINX_CORE, bar: null },
  ],
  async prepare(inputs) {
    const pair = await inputs.editions();
    const dirs = { editions: pair.dir, data: inputs.join("data") };
    if (!await knowsAnnotate(dirs)) {
      return { conditions: [], skipped: ["`lookup` has no option --annotate"], round: null };
    }
    const lines = inputs.count(LINES);
    const log = await writeLog(inputs, lines);
    const run = async (program: Program) => lines / (await runProgram(program, { stdout: "null" })).seconds;
    const contestants: Contestants = {
      [OURS]: () => run(commandLine(["lookup", "--annotate", log, "--quiet"], dirs)),
      [LINE_ENDS]: () => run(lineEnds(log)),
    };
    const nginx = await openNginx(inputs, pair.city);
    if (nginx.found !== null) inputs.resources.use(nginx.found);
    const round = takeTurns(contestants);
    return {
      conditions: [
        `${lines} lines in combined format, ${Math.round(await sizeOf(log) / 1e6)} MB`,
        `addresses by a Zipf-like law over ${inputs.count(VISITORS)} visitors, City and ASN`,
        "nginx: one worker that answers 204 and logs City's country, city and coordinates; wrk with 32 connections",
      ],
      skipped: nginx.missing === undefined ? [] : [nginx.missing],
      round: async (context) => {
        const figures = await round(context);
        if (nginx.found === null) return figures;
        context.check();
        context.tell(NGINX);
        const load = await nginx.found.measure(inputs.isSmall ? 1 : 5);
        return { ...figures, [NGINX]: load.rate, [NGINX_CORE]: load.ratePerCore };
      },
    };
  },
};

async function knowsAnnotate(dirs: { readonly editions: string; readonly data: string }): Promise<boolean> {
  const { stdout } = await runProgram(commandLine(["lookup", "--help"], dirs));
  return stdout.includes("--annotate");
}

/** Writes the log, which is removed with the scenario: it is too large to be kept for others. */
async function writeLog(inputs: BenchInputs, lines: number): Promise<string> {
  const path = inputs.join("access.log");
  inputs.tell(`writing an access log of ${lines} lines`);
  inputs.resources.defer(() => Deno.remove(path));
  const encoder = new TextEncoder();
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  for (const piece of writeAccessLog({ lines, visitors: inputs.count(VISITORS) })) {
    const bytes = encoder.encode(piece);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  }
  return path;
}
