import type { ScenarioResult } from "./report.ts";
import type { RunOptions } from "./runner.ts";
import type { Scenario } from "./scenario.ts";

/** What the process of a scenario is told. */
export interface ApartPlan {
  readonly name: string;
  readonly dir: string;
  readonly isSmall: boolean;
  readonly rounds: number | null;
  /** Where the result goes: on stdout anything else may come. */
  readonly resultPath: string;
}

/**
 * Runs a scenario in a process of its own, so that what one leaves in the heap, and what the compiler has learnt from
 * it, does not change the figures of the next.
 */
export async function runApart(scenario: Scenario, options: RunOptions): Promise<ScenarioResult> {
  const { dir, isSmall, rounds, stop } = options;
  const resultPath = `${dir}/result-${scenario.name}.json`;
  const plan: ApartPlan = { name: scenario.name, dir, isSmall, rounds, resultPath };
  const program = new URL("../apart.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "-q", "--v8-flags=--expose-gc", program, JSON.stringify(plan)],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const end = () => child.kill("SIGTERM");
  stop?.addEventListener("abort", end);
  const [said] = await Promise.all([relay(child.stderr, options.tell), child.status]);
  stop?.removeEventListener("abort", end);
  try {
    return JSON.parse(await Deno.readTextFile(resultPath));
  } catch {
    return describeCrash(scenario, said);
  }
}

async function relay(stderr: ReadableStream<Uint8Array>, tell: (line: string) => void): Promise<string> {
  let [rest, last] = ["", ""];
  for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) tell(line);
    last = lines.at(-1) ?? last;
  }
  return rest === "" ? last : rest;
}

function describeCrash({ name, measures }: Scenario, said: string): ScenarioResult {
  return {
    name,
    measures,
    conditions: [],
    rounds: 0,
    seconds: 0,
    measurements: [],
    contests: [],
    skipped: [],
    error: `its process ended without a result: ${said}`,
  };
}
