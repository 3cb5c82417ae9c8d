/** Measures one scenario: the process that `deno task bench` starts for each. */
import type { ApartPlan } from "./framework/apart.ts";
import { runScenario } from "./framework/runner.ts";
import { SCENARIOS } from "./catalogue.ts";

const plan: ApartPlan = JSON.parse(Deno.args[0] ?? "{}");
const scenario = SCENARIOS.find(({ name }) => name === plan.name);
if (scenario === undefined) throw new Error(`Cannot measure "${plan.name}": it is not in the catalogue`);
const stopping = new AbortController();
// Both: a terminal sends SIGINT to this process as well, which shall close what it has opened.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => stopping.abort());
}
const { dir, isSmall, rounds } = plan;
const result = await runScenario(scenario, {
  dir,
  isSmall,
  rounds,
  tell: (line) => console.error(line),
  stop: stopping.signal,
});
await Deno.writeTextFile(plan.resultPath, JSON.stringify(result));
Deno.exit(0);
