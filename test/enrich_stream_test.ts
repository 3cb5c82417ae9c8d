import { assert, assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import {
  type Clock,
  type GreynoiseSource,
  type InventoryStore,
  type IpRecord,
  isFailedRecord,
  type OutputRecord,
} from "@ipcascade/core";
import { enrichMany, type InputItem } from "@ipcascade/operations";
import { LOCAL_ADDRESSES, truthOf, WORLD } from "@ipcascade/testkit";
import { type CascadeWorld, chunksOf, openCascadeWorld } from "./cascade_world.ts";

const GOOD = WORLD.filter((_, index) => index % 9 === 0).map(({ address }) => address);
const SPELLED = [
  "::ffff:8.8.8.8",
  " 1.1.1.1 ",
  "2001:4860:4860:0:0:0:0:8888",
  "8.8.8.8/32",
  "1.1.1.0-1.1.1.2",
];
const BAD = ["not-an-ip", "", "1.2.3", "1.2.3.4.5", "8.8.8.8/33", "10.0.0.0/4", "\u0000", "😀", "1.2.3.256"];

/** How many places of the output an input takes. */
function placesOf(text: string): number {
  return text === "1.1.1.0-1.1.1.2" ? 3 : 1;
}

Deno.test("enrichMany() gives one record for each input in order, whatever the mix, the chunks and the batches", async () => {
  const text = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...GOOD) },
    { weight: 2, arbitrary: fc.constantFrom(...SPELLED) },
    { weight: 2, arbitrary: fc.constantFrom(...LOCAL_ADDRESSES) },
    { weight: 2, arbitrary: fc.constantFrom(...BAD) },
  );
  const runs = fc.record({
    texts: fc.array(text, { maxLength: 40 }),
    chunk: fc.integer({ min: 1, max: 41 }),
    batchSize: fc.integer({ min: 1, max: 41 }),
    lanes: fc.integer({ min: 1, max: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(runs, async ({ texts, chunk, batchSize, lanes }) => {
      await using world = await openCascadeWorld({ greynoisePerSecond: 10_000 });
      const run = enrichMany(chunksOf(texts, chunk), world.deps, {
        batchSize,
        lanes,
        sources: ["maxmind", "greynoise"],
      });
      const records: OutputRecord[] = [];
      for await (const batch of run.records) {
        assert(batch.length > 0 && batch.length <= batchSize, "no batch is larger than asked for");
        records.push(...batch);
      }
      assertEquals(records.map(({ input }) => input), texts.flatMap((one) => Array(placesOf(one)).fill(one)));
      for (const record of records) checkTruth(record);
      const stored = new Set(records.flatMap((record) => isGlobal(record) ? [record.ip_address] : []));
      assertEquals(new Set((await world.dump()).map((row) => row.ip_address)), stored);
      const asked = world.lab.requests.of("greynoise").flatMap(({ addresses }) => addresses ?? []);
      assertEquals(asked.length, new Set(asked).size, "nobody is asked twice");
      const summary = run.summary();
      assertEquals([summary.inputs, summary.stored], [records.length, stored.size]);
      assertEquals(summary.invalid, records.filter(isFailedRecord).length);
    }),
    { numRuns: 15 },
  );
});

function isGlobal(record: OutputRecord): record is IpRecord {
  return !isFailedRecord(record) && record.scope === "global";
}

function checkTruth(record: OutputRecord): void {
  if (isFailedRecord(record)) return assert(BAD.includes(record.input), record.input);
  if (record.scope !== "global") return assert(LOCAL_ADDRESSES.includes(record.input), record.input);
  const truth = truthOf(record.ip_address);
  assertEquals(record.geo_country, truth.countryCode, record.input);
  assertEquals(record.is_scanner, truth.noise, record.input);
}

Deno.test("enrichMany() writes as many batches at once as it may, and delivers in order", async () => {
  await using world = await openCascadeWorld();
  const writes = GOOD.slice(0, 6).map(() => Promise.withResolvers<void>());
  const started: string[] = [];
  let [running, most] = [0, 0];
  const inventory: InventoryStore = {
    ...world.deps.inventory,
    saveMany: async (rows) => {
      const place = started.push(rows[0]!.ipAddress) - 1;
      most = Math.max(most, ++running);
      // The second of each pair is done first.
      if (place % 2 === 0) await Promise.race([writes[place]!.promise, world.clock.sleep(50)]);
      const unwritten = await world.deps.inventory.saveMany(rows);
      running--;
      if (place % 2 === 1) writes[place - 1]!.resolve();
      return unwritten;
    },
  };
  const inputs = GOOD.slice(0, 6);
  const run = enrichMany(chunksOf(inputs, 1), { ...world.deps, inventory }, {
    batchSize: 1,
    lanes: 2,
    sources: ["maxmind"],
  });
  assertEquals((await collect(run.records)).map(({ input }) => input), inputs);
  assertEquals([started.length, most], [6, 2]);
});

Deno.test("enrichMany() leaves the same inventory, whatever the batches", async () => {
  const inputs = [...GOOD, ...LOCAL_ADDRESSES, ...BAD, ...GOOD.slice(0, 10), ...SPELLED];
  const dumps: unknown[] = [];
  for (const batchSize of [1, 7, 5_000]) {
    await using world = await openCascadeWorld();
    await world.enrich(inputs, { batchSize });
    const rows = await world.dump();
    assert(
      rows.every(({ revision }) => revision === 1 || batchSize > 1 && revision === 2),
      "a row is written twice at most",
    );
    dumps.push(rows.map(withoutTimes));
  }
  assertEquals(dumps[1], dumps[0]);
  assertEquals(dumps[2], dumps[0]);
});

/** Drops what differs between any two runs: instants, durations, and in how many parts a row was written. */
function withoutTimes(row: Record<string, unknown>): unknown {
  const isTime = (name: string) => /_(ts|at|ms|since)$|^revision$/.test(name);
  return JSON.parse(JSON.stringify(row, (name, value) => isTime(name) ? undefined : value));
}

interface Tap {
  readonly chunks: AsyncIterable<readonly InputItem[]>;
  give(...texts: string[]): void;
  end(): void;
}

/** An input that delivers when told, and is silent in between, as a pipe is. */
function openTap(): Tap {
  const waiting: (readonly InputItem[] | null)[] = [];
  let wake = () => {};
  const push = (items: readonly InputItem[] | null) => {
    waiting.push(items);
    wake();
  };
  async function* chunks() {
    while (true) {
      while (waiting.length === 0) await new Promise<void>((resolve) => wake = resolve);
      const items = waiting.shift()!;
      if (items === null) return;
      yield items;
    }
  }
  return {
    chunks: chunks(),
    give: (...texts) => push(texts.map((text) => ({ text, origin: null }))),
    end: () => push(null),
  };
}

Deno.test("enrichMany() delivers what it has while the input is silent", async () => {
  await using world = await openCascadeWorld();
  const tap = openTap();
  const run = enrichMany(tap.chunks, world.deps, { maxWaitMs: 20 });
  const records = run.records[Symbol.asyncIterator]();
  tap.give("8.8.8.8", "10.0.0.1");
  assertEquals((await records.next()).value?.map(({ input }: OutputRecord) => input), [
    "8.8.8.8",
    "10.0.0.1",
  ]);
  tap.give("1.1.1.1");
  assertEquals((await records.next()).value?.length, 1);
  tap.end();
  assertEquals((await records.next()).done, true);
});

Deno.test("enrichMany() delivers while inputs trickle faster than it waits", async () => {
  await using world = await openCascadeWorld();
  const tap = openTap();
  const trickle = setInterval(() => tap.give("8.8.8.8"), 15);
  const run = enrichMany(tap.chunks, world.deps, { maxWaitMs: 60 });
  try {
    const first = await within(3_000, run.records[Symbol.asyncIterator]().next());
    assertLess(first.value?.length ?? Infinity, 100);
  } finally {
    clearInterval(trickle);
    tap.end();
  }
  await run.records[Symbol.asyncIterator]().return?.();
});

/** Fails when something takes longer than it may. */
async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Cannot go on: nothing came within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

Deno.test("enrichMany() ends for a reader that leaves early, though the input is silent", async () => {
  await using world = await openCascadeWorld();
  const tap = openTap();
  tap.give("8.8.8.8");
  const run = enrichMany(tap.chunks, world.deps, { maxWaitMs: 20 });
  const batches = run.records[Symbol.asyncIterator]();
  assertEquals((await batches.next()).done, false);
  await within(5_000, batches.return!());
  assertEquals((await world.dump()).length, 1);
  tap.end();
});

Deno.test("enrichMany() stores what it asked for a reader that left, and asks no more", async () => {
  await using world = await openCascadeWorld();
  const tap = openTap();
  tap.give(...GOOD.slice(0, 6));
  const run = enrichMany(tap.chunks, world.deps, { batchSize: 2, maxWaitMs: 20 });
  await within(
    5_000,
    (async () => {
      for await (const batch of run.records) {
        assertEquals(batch.length, 2);
        break;
      }
    })(),
  );
  const stored = (await world.dump()).length;
  assert(stored >= 2 && stored <= 6 && stored % 2 === 0, `${stored} rows are whole batches`);
  const before = world.lab.requests.greynoiseRequests;
  await world.clock.sleep(50);
  assertEquals(world.lab.requests.greynoiseRequests, before, "nothing goes on behind the reader's back");
  tap.end();
});

Deno.test("enrichMany() does not wait for a silent input when the database fails", async () => {
  await using world = await openCascadeWorld();
  const tap = openTap();
  tap.give("8.8.8.8");
  const inventory = {
    ...world.deps.inventory,
    saveMany: () => Promise.reject(new Error("Cannot store: gone")),
  };
  const run = enrichMany(tap.chunks, { ...world.deps, inventory }, { maxWaitMs: 20 });
  const message = await within(5_000, run.records[Symbol.asyncIterator]().next()).then(() => "", String);
  assertEquals(message, "Error: Cannot store: gone");
  tap.end();
});

Deno.test("enrichMany() stores and delivers what it had read when it is told to stop", async () => {
  await using world = await openCascadeWorld();
  const tap = openTap();
  tap.give(...GOOD.slice(0, 5));
  const stop = new AbortController();
  const run = enrichMany(tap.chunks, world.deps, { maxWaitMs: 60_000, stop: stop.signal });
  const timer = setTimeout(() => stop.abort(), 30);
  const records = await within(5_000, collect(run.records));
  clearTimeout(timer);
  assertEquals(records.map(({ input }) => input), GOOD.slice(0, 5));
  assertEquals([(await world.dump()).length, run.summary().stopped], [5, true]);
  tap.end();
});

Deno.test("enrichMany() ends with the batch in hand when it is told to stop", async () => {
  await using world = await openCascadeWorld();
  const stop = new AbortController();
  const [first, second] = GOOD.filter((text) => !text.includes(":"));
  const greynoise: GreynoiseSource = {
    lookUp: async (address, options) => {
      await world.clock.sleep(50);
      stop.abort();
      return await world.deps.greynoise.lookUp(address, options);
    },
  };
  const run = enrichMany(chunksOf([first!, second!], 1), { ...world.deps, greynoise }, {
    batchSize: 1,
    stop: stop.signal,
  });
  assertEquals((await collect(run.records)).map(({ input }) => input), [first]);
  assertEquals((await world.dump()).map((row) => row.ip_address), [first]);
});

Deno.test("enrichMany() asks nobody twice when others ask while a batch waits for its turn", async () => {
  await using world = await openCascadeWorld();
  const [first, second] = GOOD.filter((text) => !text.includes(":"));
  const secondIsRead = Promise.withResolvers<void>();
  let passedMs = 0;
  const inventory: InventoryStore = {
    ...world.deps.inventory,
    findMany: async (addresses) => {
      const rows = await world.deps.inventory.findMany(addresses);
      if (addresses.includes(second!)) secondIsRead.resolve();
      return rows;
    },
  };
  const greynoise: GreynoiseSource = {
    lookUp: async (address, options) => {
      if (address.text === first) {
        await secondIsRead.promise;
        await world.enrich([second!]);
        passedMs += 2_000;
      }
      return await world.deps.greynoise.lookUp(address, options);
    },
  };
  const { clock } = world;
  const slow: Clock = {
    now: () => clock.now(),
    elapsed: () => clock.elapsed() + passedMs,
    sleep: (ms, signal) => clock.sleep(ms, signal),
  };
  const deps = { ...world.deps, inventory, greynoise, clock: slow };
  const run = enrichMany(chunksOf([first!, second!], 1), deps, { batchSize: 1 });
  assertEquals((await collect(run.records)).length, 2);
  assertEquals([run.summary().asked, run.summary().fresh], [1, 1]);
  assertEquals(world.lab.requests.greynoiseRequests, 2);
});

Deno.test("enrichMany() gives requests up when aborted, without a word against the addresses", async () => {
  await using world = await openCascadeWorld();
  world.lab.setFault("cymruWhois", { kind: "drop" });
  world.lab.setFault("greynoise", { kind: "drop" });
  const addresses = WORLD.filter(({ coverage, version }) => coverage === "city_only" && version === 4)
    .map(({ address }) => address);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), 100);
  const run = enrichMany(chunksOf(addresses, 100), world.deps, { abort: abort.signal });
  const records = await within(3_000, collect(run.records));
  clearTimeout(timer);
  assertEquals(records.length, addresses.length);
  for (const row of await world.dump()) {
    assertEquals([row.maxmind_outcome, row.cymru_outcome, row.greynoise_outcome], [
      "hit",
      "skipped",
      "skipped",
    ]);
    assertEquals([row.cymru_retry_at, row.greynoise_retry_at], [null, null]);
  }
  await expectAllAsked(world, addresses);
});

/** The next run asks about every address at once. */
async function expectAllAsked(world: CascadeWorld, addresses: readonly string[]): Promise<void> {
  world.lab.clearFaults();
  world.lab.requests.reset();
  await world.enrich(addresses);
  const { cymruAddresses, greynoiseRequests } = world.lab.requests;
  assertEquals([cymruAddresses, greynoiseRequests], [addresses.length, addresses.length]);
}

async function collect(batches: AsyncIterable<readonly OutputRecord[]>): Promise<OutputRecord[]> {
  const records: OutputRecord[] = [];
  for await (const batch of batches) records.push(...batch);
  return records;
}
