import { runProgram } from "./framework/processes.ts";
import { takeTurns } from "./framework/runner.ts";
import type { Scenario } from "./framework/scenario.ts";
import { findMaxmindC, runMaxmindC } from "./references/mod.ts";

const COUNT = 500_000;
const OURS = "typed City record, fresh process";
const C = "C libmaxminddb, fresh process";

/** Random IPv4 texts to typed City records in a process that has done nothing before. */
export const benchFirstPass: Scenario = {
  name: "first-pass",
  measures: "opening City and looking random IPv4 texts up, in a process that has done nothing before",
  rounds: 7,
  contests: [{ ours: OURS, reference: C, bar: 1 }],
  async prepare(inputs) {
    const { city } = await inputs.editions();
    const list = await inputs.addressFile(COUNT);
    const count = inputs.count(COUNT);
    const c = await findMaxmindC(inputs);
    const conditions = [
      `${count} addresses`,
      "from before the edition is opened until the last answer",
      "without the start of the process and the reading of the addresses",
    ];
    let known: number | null = null;
    const ours = async () => {
      const { hits, seconds } = await runFirstPass(city, list);
      known = hits;
      return count / seconds;
    };
    if (c.found === null) {
      return { conditions, skipped: [c.missing], round: takeTurns({ [OURS]: ours }) };
    }
    const reference = async () => {
      const { hits, open, passes } = await runMaxmindC(c.found, city, list, 1);
      if (hits !== (known ?? hits)) throw new Error(`The hits differ: ${known}, ${hits}`);
      return count / (open + passes[0]!);
    };
    return { conditions, round: takeTurns({ [OURS]: ours, [C]: reference }) };
  },
};

async function runFirstPass(
  city: string,
  list: string,
): Promise<{ readonly hits: number; readonly seconds: number }> {
  const program = new URL("./first_pass_process.ts", import.meta.url).pathname;
  const { stdout } = await runProgram({
    command: Deno.execPath(),
    args: ["run", "-A", "-q", program, city, list],
  });
  const [hits, seconds] = stdout.trim().split(" ").map(Number);
  return { hits: hits!, seconds: seconds! };
}
