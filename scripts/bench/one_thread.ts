import type { AsnResponse } from "maxmind";
import { type Contestants, measureRate, takeTurns } from "./framework/runner.ts";
import type { Prepared, Scenario } from "./framework/scenario.ts";
import {
  type BatchLookup,
  lookUpAll,
  openOurCity,
  openOurCityBatch,
  openOurPair,
  type TextLookup,
} from "./our_lookup.ts";
import { openCachedPackage, openPackage } from "./references/maxmind_package.ts";
import { findMaxmindC, runMaxmindC } from "./references/mod.ts";

const COUNT = 1_000_000;
const OURS = "typed City record";
const BATCH = "typed City record, in batches";
const PACKAGE = "maxmind package";
const CACHED = "maxmind package, every record cached";
const C = "C libmaxminddb, full decode";

/** Random IPv4 texts to typed City records, on one thread, after a first pass. */
export const benchCity: Scenario = {
  name: "city",
  measures: "random IPv4 texts to typed City records, one thread, after a first pass",
  rounds: 5,
  contests: [
    { ours: OURS, reference: PACKAGE, bar: 15 },
    { ours: OURS, reference: CACHED, bar: 4 },
    { ours: OURS, reference: C, bar: 3 },
    { ours: BATCH, reference: PACKAGE, bar: 15 },
    { ours: BATCH, reference: CACHED, bar: 4 },
    { ours: BATCH, reference: C, bar: 3 },
  ],
  async prepare(inputs) {
    const pair = await inputs.editions();
    const bytes = await Deno.readFile(pair.city);
    const texts = inputs.addresses(COUNT);
    const [bare, cached] = [openPackage(bytes), openCachedPackage(bytes)];
    const contestants = warmUp(texts, {
      [OURS]: each(openOurCity(bytes)),
      [BATCH]: openOurCityBatch(bytes),
      [PACKAGE]: each((text) => bare.get(text)),
      [CACHED]: each((text) => cached.get(text)),
    });
    const c = await findMaxmindC(inputs);
    if (c.found === null) return describe(texts, contestants, [c.missing]);
    const list = await inputs.addressFile(COUNT);
    const runC = async () => texts.length / (await runMaxmindC(c.found, pair.city, list, 2)).passes[1]!;
    return describe(texts, { ...contestants, [C]: runC });
  },
};

/** The same for IPv6 texts. */
export const benchIpv6: Scenario = {
  name: "ipv6",
  measures: "random IPv6 texts to typed City records, one thread, after a first pass",
  rounds: 5,
  contests: [{ ours: OURS, reference: PACKAGE, bar: 4 }],
  async prepare(inputs) {
    const bytes = await Deno.readFile((await inputs.editions()).city);
    const texts = inputs.ipv6Addresses(COUNT);
    const bare = openPackage(bytes);
    const ours = openOurCity(bytes);
    return describe(texts, warmUp(texts, { [OURS]: each(ours), [PACKAGE]: each((text) => bare.get(text)) }));
  },
};

const JOINED_OURS = "City and ASN joined";
const TWO = "two look-ups of the maxmind package";

/** City and ASN records of an address as one answer. */
export const benchJoined: Scenario = {
  name: "joined",
  measures: "random IPv4 texts to City and ASN joined, one thread, after a first pass",
  rounds: 5,
  contests: [{ ours: JOINED_OURS, reference: TWO, bar: 6 }],
  async prepare(inputs) {
    const pair = await inputs.editions();
    const [city, asn] = [await Deno.readFile(pair.city), await Deno.readFile(pair.asn)];
    const texts = inputs.addresses(COUNT);
    const [bareCity, bareAsn] = [openPackage(city), openPackage<AsnResponse>(asn)];
    const both: TextLookup = (text) => {
      const place = bareCity.get(text);
      const origin = bareAsn.get(text);
      return place ?? origin;
    };
    return describe(texts, warmUp(texts, { [JOINED_OURS]: each(openOurPair(city, asn)), [TWO]: each(both) }));
  },
};

function each(find: TextLookup): BatchLookup {
  return (texts) => lookUpAll(find, texts);
}

/** Makes a first pass with each, checks that they know the same addresses, and gives what measures another pass. */
function warmUp(texts: readonly string[], finders: Readonly<Record<string, BatchLookup>>): Contestants {
  const hits = Object.values(finders).map((find) => find(texts));
  if (hits.some((count) => count !== hits[0])) throw new Error(`The hits differ: ${hits.join(", ")}`);
  return Object.fromEntries(
    Object.entries(finders).map(([name, find]) => [name, () => {
      collectGarbage();
      return measureRate(texts.length, () => find(texts));
    }]),
  );
}

function describe(
  texts: readonly string[],
  contestants: Contestants,
  skipped: readonly string[] = [],
): Prepared {
  const conditions = [`${texts.length} addresses a round`, "the second pass and later ones of each reader"];
  return { conditions, skipped, round: takeTurns(contestants) };
}

/** What one contestant has thrown away is not cleared up in another's time. */
function collectGarbage(): void {
  (globalThis as { readonly gc?: () => void }).gc?.();
}
