import { commandLine, type Program, runProgram, throughPipe } from "./framework/processes.ts";
import { type Contestants, takeTurns } from "./framework/runner.ts";
import type { Scenario } from "./framework/scenario.ts";
import { findMaxmindC, findMaxmindPython, pythonLookUp, runMaxmindC } from "./references/mod.ts";

const COUNT = 5_000_000;
const C_COUNT = 1_000_000;
const OURS = "lookup FILE to NDJSON";
const PIPED = "lookup FILE through a pipe";
const PYTHON = "Python script on maxminddb's C extension";
const C = "C libmaxminddb, bare loop";

/** The whole command on a file of addresses. */
export const benchCommand: Scenario = {
  name: "command",
  measures: "`lookup FILE --format ndjson` as a whole process, start included, output to /dev/null",
  rounds: 3,
  contests: [
    { ours: OURS, reference: PYTHON, bar: 5 },
    { ours: OURS, reference: C, bar: 0.75 },
    { ours: PIPED, reference: PYTHON, bar: null },
  ],
  async prepare(inputs) {
    const pair = await inputs.editions();
    const [file, list] = [await inputs.addressFile(COUNT), await inputs.addressFile(C_COUNT)];
    const [count, cCount] = [inputs.count(COUNT), inputs.count(C_COUNT)];
    const dirs = { editions: pair.dir, data: inputs.join("data") };
    const ours = commandLine(["lookup", file, "--format", "ndjson", "--quiet"], dirs);
    const run = async (program: Program) => count / (await runProgram(program, { stdout: "null" })).seconds;
    const [python, c] = [await findMaxmindPython(), await findMaxmindC(inputs)];
    const contestants: Contestants = {
      [OURS]: () => run(ours),
      ...python.found === null ? {} : { [PYTHON]: () => run(pythonLookUp(python.found, pair, file)) },
      ...c.found === null ? {} : {
        [C]: async () => cCount / (await runMaxmindC(c.found, pair.city, list, 2)).passes[1]!,
      },
    };
    const round = takeTurns(contestants);
    return {
      conditions: [
        `${count} lines of distinct IPv4 addresses, City and ASN, every line answered`,
        `the loop in C: City alone, ${cCount} of them, without output, second pass`,
        "through the pipe in the first round only",
      ],
      skipped: [python, c].flatMap(({ missing }) => missing ?? []),
      round: async (context) => {
        const figures = await round(context);
        if (context.index > 0) return figures;
        context.check();
        context.tell(PIPED);
        return { ...figures, [PIPED]: await run(throughPipe(ours)) };
      },
    };
  },
};
