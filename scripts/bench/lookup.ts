import { lookUp } from "@ipcascade/operations";
import { createNodeClock } from "@ipcascade/platform";
import { createRecordRenderer } from "@ipcascade/render";
import { createMaxmindSource } from "@ipcascade/sources";
import { chunksOf } from "./addresses.ts";
import { measureRate, takeTurns } from "./framework/runner.ts";
import type { Scenario } from "./framework/scenario.ts";
import { lookUpAll } from "./our_lookup.ts";
import { openPackage } from "./references/maxmind_package.ts";

const COUNT = 1_000_000;
const FIRST = "lookUp() to NDJSON text, first pass";
const LATER = "lookUp() to NDJSON text, later pass";
const PACKAGE = "maxmind package, bare loop over City";

/** Whole records as text within a process, against the bare loop of the `maxmind` package. */
export const benchLookup: Scenario = {
  name: "lookup",
  measures: "the operation behind `lookup`: addresses to whole records as NDJSON text, City and ASN",
  rounds: 3,
  contests: [
    { ours: FIRST, reference: PACKAGE, bar: 0.5 },
    { ours: LATER, reference: PACKAGE, bar: null },
  ],
  async prepare(inputs) {
    const pair = await inputs.editions();
    const addresses = inputs.addresses(COUNT);
    const [city, asn] = [await Deno.readFile(pair.city), await Deno.readFile(pair.asn)];
    const clock = createNodeClock();
    const open = () => createMaxmindSource({ city, asn, elapsed: () => clock.elapsed() });
    const run = async (maxmind: ReturnType<typeof open>) => {
      const renderer = createRecordRenderer("ndjson");
      for await (const batch of lookUp(chunksOf(addresses), { maxmind, clock }).records) {
        renderer.records(batch);
      }
    };
    const later = open();
    await run(later);
    const bare = openPackage(city);
    return {
      conditions: [`${addresses.length} distinct IPv4 addresses`, "in chunks of 2 000, text thrown away"],
      round: takeTurns({
        [PACKAGE]: () => measureRate(addresses.length, () => lookUpAll((text) => bare.get(text), addresses)),
        [FIRST]: () => measureRate(addresses.length, () => run(open())),
        [LATER]: () => measureRate(addresses.length, () => run(later)),
      }),
    };
  },
};
