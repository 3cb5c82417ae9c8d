import { sizeOf } from "./framework/files.ts";
import { measureRate, takeTurns } from "./framework/runner.ts";
import type { Scenario } from "./framework/scenario.ts";
import { openOurCity } from "./our_lookup.ts";

const REPEATS = 20;
const OURS = "reading, opening, one look-up";
const READING = "reading the file";

/** Opening an edition against reading its file. */
export const benchOpening: Scenario = {
  name: "opening",
  measures: "reading and opening a City edition up to its first answer; 0.5 is twice the time of reading it",
  rounds: 7,
  contests: [{ ours: OURS, reference: READING, bar: 0.5 }],
  async prepare(inputs) {
    const { city } = await inputs.editions();
    const repeats = inputs.count(REPEATS);
    const repeat = (work: () => unknown) =>
      measureRate(repeats, () => {
        for (let done = 0; done < repeats; done++) work();
      });
    const megabytes = (await sizeOf(city) / 1e6).toFixed(1);
    return {
      conditions: [`a file of ${megabytes} MB in the page cache`, `${repeats} times a round`],
      round: takeTurns({
        [READING]: () => repeat(() => Deno.readFileSync(city)),
        [OURS]: () => repeat(() => openOurCity(Deno.readFileSync(city))("8.8.8.8")),
      }),
    };
  },
};
