import { medianOf } from "./framework/arithmetic.ts";
import { commandLine, runProgram } from "./framework/processes.ts";
import type { Figures, RoundContext, Scenario } from "./framework/scenario.ts";

/** Numbers of lines, and how often each is run in a round: short runs are mostly start, which varies. */
const STEPS = [[1, 5], [10_000, 5], [100_000, 3], [1_000_000, 1], [5_000_000, 1]] as const;
/** At most 1.15 times the time. */
const BAR = 0.87;
/** At most a tenth more memory. */
const FLAT = 0.9;

/** Whether an address costs the same among few and among many. */
export const benchGrowth: Scenario = {
  name: "growth",
  measures:
    "addresses a second of `lookup FILE` by the length of the file, start subtracted, and peak memory",
  rounds: 3,
  contests: [
    { ours: "5000000 lines", reference: "10000 lines", bar: BAR },
    { ours: "5000000 lines", reference: "100000 lines", bar: BAR },
    { ours: "5000000 lines", reference: "1000000 lines", bar: BAR },
    { ours: "peak of 5000000 lines", reference: "peak of 1000000 lines", bar: FLAT, unit: "MB" },
    { ours: "starts", reference: null, bar: null },
  ],
  async prepare(inputs) {
    const { dir } = await inputs.editions();
    const dirs = { editions: dir, data: inputs.join("data") };
    const files = new Map<number, string>();
    for (const [lines] of STEPS) files.set(lines, await inputs.addressFile(lines));
    const run = async (lines: number) => {
      const program = commandLine(["lookup", files.get(lines)!, "--format", "ndjson", "--quiet"], dirs);
      return await runProgram(program, { stdout: "null" });
    };
    return {
      conditions: [
        "distinct IPv4 addresses to NDJSON, City and ASN, output to /dev/null",
        "from the time of each run that of a run with one line is subtracted (medians of up to five runs)",
      ],
      round: (context) => measureSteps(run, context, (lines) => inputs.count(lines)),
    };
  },
};

async function measureSteps(
  run: (lines: number) => Promise<{ readonly seconds: number; readonly peakMb: number }>,
  context: RoundContext,
  countOf: (lines: number) => number,
): Promise<Figures> {
  const figures: Record<string, number> = {};
  let start = 0;
  for (const [lines, repeats] of STEPS) {
    const seconds: number[] = [];
    for (let done = 0; done < repeats; done++) {
      context.check();
      context.tell(`${lines} lines`);
      const measured = await run(lines);
      seconds.push(measured.seconds);
      figures[`peak of ${lines} lines`] = measured.peakMb;
    }
    const median = medianOf(seconds)!;
    if (lines === 1) start = median;
    // Of tiny inputs the work may take less than the start varies.
    else figures[`${lines} lines`] = countOf(lines) / Math.max(median - start, 0.001);
  }
  return { ...figures, starts: 1 / start };
}
