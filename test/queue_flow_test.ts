import { assert, assertEquals, assertRejects } from "@std/assert";
import { type EnrichBatch, type EnrichQueue, SOURCE_NAMES, StoreError } from "@ipcascade/core";
import {
  checkQueue,
  importAndQueue,
  type InputItem,
  queueEnrichment,
  type WorkOptions,
  workQueue,
  type WorkReport,
} from "@ipcascade/operations";
import { COWRIE_ADDRESSES, COWRIE_LOG_URL } from "@ipcascade/testkit";
import { readFile } from "node:fs/promises";
import { SqlError } from "@ipcascade/store";
import { hurryRetries, openTestQueue } from "../packages/store/testing/queue.ts";
import { type CascadeOptions, type CascadeWorld, chunksOf, openCascadeWorld } from "./cascade_world.ts";

interface QueueWorld extends CascadeWorld {
  readonly queue: EnrichQueue;
  /** Queues texts, in batches of ten unless told otherwise. */
  submit(texts: readonly string[], batchSize?: number): ReturnType<typeof queueEnrichment>;
  /** Works until nothing is left. */
  drain(options?: WorkOptions): Promise<WorkReport>;
}

async function openQueueWorld(options: CascadeOptions = {}): Promise<QueueWorld> {
  const world = await openCascadeWorld({ greynoisePerSecond: 5_000, ...options });
  const { queue } = await openTestQueue(world.sql);
  return {
    ...world,
    queue,
    submit: (texts, batchSize = 10) =>
      queueEnrichment(chunksOf(texts, 7), { queue, clock: world.clock }, { batchSize }),
    drain: (more = {}) => workQueue({ ...world.deps, queue }, { drain: true, ...more }),
  };
}

/** A queue that keeps what is submitted. */
function openNotebook(): { batches: EnrichBatch[]; submit: (batch: EnrichBatch) => Promise<void> } {
  const batches: EnrichBatch[] = [];
  return { batches, submit: (batch) => Promise.resolve(void batches.push(batch)) };
}

const ADDRESSES = COWRIE_ADDRESSES.slice(0, 45);

Deno.test("queueEnrichment() queues global addresses once, and tells what is none", async () => {
  await using world = await openQueueWorld();
  const notebook = openNotebook();
  const problems: string[] = [];
  async function* inputs(): AsyncGenerator<InputItem[]> {
    yield ["8.8.8.0/30", "8.8.8.1", "10.0.0.1", "::ffff:8.8.8.2"].map((text) => ({ text, origin: null }));
    yield [{ text: "nonsense", origin: { name: "a.txt", line: 7 } }, { text: "2606:4700::1", origin: null }];
  }
  const activity = { minCommands: 10, minDownloads: 5, minDurationS: 300 };
  const report = await queueEnrichment(inputs(), { queue: notebook, clock: world.clock }, {
    batchSize: 3,
    sources: ["greynoise"],
    activity,
    onProblem: ({ error }) => problems.push(error.message),
  });
  const { elapsed_ms: _, ...counts } = report;
  assertEquals(counts, {
    operation: "queue-enrichment",
    inputs: 9,
    invalid: 1,
    local: 1,
    duplicates: 2,
    addresses: 5,
    batches: 2,
    stopped: false,
  });
  const common = { sources: ["greynoise" as const], activity };
  assertEquals(notebook.batches, [
    { ...common, addresses: ["8.8.8.0", "8.8.8.1", "8.8.8.2"] },
    { ...common, addresses: ["8.8.8.3", "2606:4700::1"] },
  ]);
  assert(problems.length === 1 && problems[0]!.endsWith('("a.txt", line 7)'), problems[0]);
});

Deno.test("queueEnrichment() submits while it reads, so that its memory is bounded", async () => {
  await using world = await openQueueWorld();
  const notebook = openNotebook();
  const ahead: number[] = [];
  async function* inputs(): AsyncGenerator<InputItem[]> {
    for (let block = 1; block <= 50; block++) {
      yield [{ text: `5.0.${block}.0/24`, origin: null }];
      ahead.push(block * 256 - notebook.batches.flatMap(({ addresses }) => addresses).length);
    }
  }
  await queueEnrichment(inputs(), { queue: notebook, clock: world.clock }, { batchSize: 100 });
  assertEquals(notebook.batches.flatMap(({ addresses }) => addresses).length, 50 * 256);
  assert(Math.max(...ahead) <= 1_000, `${Math.max(...ahead)} addresses were held back`);
});

Deno.test("queueEnrichment() queues what was read when it is stopped", async () => {
  await using world = await openQueueWorld();
  const notebook = openNotebook();
  const stop = new AbortController();
  async function* inputs(): AsyncGenerator<InputItem[]> {
    yield [{ text: "8.8.8.8", origin: null }];
    yield [{ text: "8.8.4.4", origin: null }];
    stop.abort();
    await new Promise(() => {});
  }
  const report = await queueEnrichment(inputs(), { queue: notebook, clock: world.clock }, {
    stop: stop.signal,
  });
  assertEquals([report.stopped, notebook.batches[0]?.addresses], [true, ["8.8.8.8", "8.8.4.4"]]);
});

Deno.test("workQueue() stores the same rows as enrichMany() does", async () => {
  await using world = await openQueueWorld();
  await world.enrich(ADDRESSES);
  const expected = await world.dump();
  await world.sql.query("delete from ip_inventory");
  await world.submit(ADDRESSES);
  const report = await world.drain();
  assertEquals([report.batches, report.addresses, report.stored], [5, 45, 45]);
  const rows = await world.dump();
  assertEquals(withoutTimes(rows), withoutTimes(expected));
  assert(rows.every(({ revision }) => revision === 1 || revision === 2), "a row is written twice at most");
});

/** Rows without what depends on when, and in how many parts, they were written. */
function withoutTimes(rows: unknown): unknown {
  const isTime = (name: string) => /_at$|_ts$|_since$|^duration_ms$|^revision$/.test(name);
  return JSON.parse(JSON.stringify(rows, (name, value) => isTime(name) ? undefined : value));
}

Deno.test("workQueue() asks once, although a batch is delivered twice", async () => {
  await using world = await openQueueWorld();
  await world.submit(ADDRESSES);
  await world.submit(ADDRESSES);
  const report = await world.drain({ concurrency: 1 });
  const asked = world.lab.requests.greynoiseRequests;
  assertEquals([report.batches, report.asked, report.fresh], [10, 45, 45]);
  assert(asked <= 45, `${asked} requests for 45 addresses`);
});

Deno.test("workQueue() asks the sources that were chosen when the batch was queued", async () => {
  await using world = await openQueueWorld();
  const deps = { queue: world.queue, clock: world.clock };
  await queueEnrichment(chunksOf(ADDRESSES, 7), deps, { sources: ["maxmind"] });
  await world.drain();
  assertEquals([world.lab.requests.greynoiseRequests, world.lab.requests.cymruSingles], [0, 0]);
});

Deno.test("workQueue() takes a source that is down for no failure of the batch", async () => {
  await using world = await openQueueWorld({ timeoutMs: 200 });
  world.lab.setFault("greynoise", { kind: "drop" });
  await world.submit(ADDRESSES);
  const report = await world.drain();
  assert(Object.keys(report.sources.greynoise.failed_for).length > 0);
  assertEquals([report.batches, report.failed_tries, report.dead], [5, 0, 0]);
});

Deno.test("workQueue() tries a batch again that the database refuses, thrice, and does the others", async () => {
  await using world = await openQueueWorld();
  await world.submit(ADDRESSES);
  await poison(world, ADDRESSES[12]!);
  const hurrying = setInterval(() => void hurryRetries(world.sql).catch(() => {}), 300);
  const failures: string[] = [];
  try {
    const report = await world.drain({ onFailure: (message) => failures.push(message) });
    assertEquals([report.batches, report.failed_tries, report.dead], [4, 2, 1]);
  } finally {
    clearInterval(hurrying);
    await world.sql.query("drop function poison() cascade");
  }
  assertEquals(failures.length, 3);
  const { dead_letters: [letter] } = await checkQueue({ queue: world.queue, clock: world.clock });
  assertEquals([letter?.addresses, letter?.first_address], [10, ADDRESSES[10]]);
  assert(letter!.error.includes("this address is poisoned (P0001)"), letter!.error);
  await world.queue.retryDead();
  assertEquals((await world.drain()).batches, 1);
  assertEquals((await world.dump()).length, 45);
});

Deno.test("workQueue() counts data that is no batch as failed tries and as a dead letter", async () => {
  await using world = await openQueueWorld();
  await world.submit(ADDRESSES.slice(0, 20));
  await world.sql.query(
    `update ipcascade_queue.job set data = '"nonsense"' where data #>> '{addresses,0}' = $1::text`,
    [ADDRESSES[0]!],
  );
  const hurrying = setInterval(() => void hurryRetries(world.sql).catch(() => {}), 300);
  const failures: string[] = [];
  const report = await world.drain({ onFailure: (message) => failures.push(message) })
    .finally(() => clearInterval(hurrying));
  assertEquals([report.batches, report.addresses], [1, 10]);
  assertEquals([report.failed_tries, report.dead], [2, 1]);
  assert(failures[2]!.includes("Cannot read the batch"), failures[2]);
  assert(failures[2]!.endsWith("it is a dead letter now"), failures[2]);
});

Deno.test("workQueue() tells entries that are no address, or not global, from addresses done", async () => {
  await using world = await openQueueWorld();
  const addresses = ["8.8.8.8", "nonsense", "10.0.0.1", "192.168.0.1"];
  await world.queue.submit({ addresses, sources: ["maxmind"], activity: null });
  const report = await world.drain();
  assertEquals([report.batches, report.addresses, report.invalid, report.local], [1, 1, 1, 2]);
});

Deno.test("workQueue() tells per source why it was not asked, summed over all batches", async () => {
  await using world = await openQueueWorld({ quota: { limit: 5, period: "day" } });
  await world.submit(ADDRESSES);
  const { sources } = await world.drain({ concurrency: 1 });
  const { hit, miss, skipped_for } = sources.greynoise;
  assertEquals(hit + miss, world.lab.requests.greynoiseRequests);
  const ipv4 = ADDRESSES.filter((address) => !address.includes(":")).length;
  assertEquals(skipped_for.quota_exhausted, ipv4 - hit - miss);
  assertEquals(sources.maxmind.hit + sources.maxmind.miss, 45);
});

Deno.test("workQueue() uses up no try while the database is too busy", async () => {
  await using world = await openQueueWorld();
  await world.submit(ADDRESSES.slice(0, 10));
  let busy = 5;
  const inventory = {
    ...world.deps.inventory,
    findStates: (addresses: readonly string[]) => {
      if (busy-- > 0) return Promise.reject(new SqlError("Cannot use the database: it is locked", "55P03"));
      return world.deps.inventory.findStates(addresses);
    },
  };
  const hurrying = setInterval(() => void endPauses(world).catch(() => {}), 100);
  const report = await workQueue({ ...world.deps, inventory, queue: world.queue }, { drain: true })
    .finally(() => clearInterval(hurrying));
  assertEquals([report.batches, report.failed_tries, report.dead], [1, 5, 0]);
});

/** Ends the pauses of what was put off. */
async function endPauses(world: QueueWorld): Promise<void> {
  await world.sql.query("update ipcascade_queue.job set start_after = now() where state = 'created'");
}

/** The database refuses rows of one address. */
async function poison(world: QueueWorld, address: string): Promise<void> {
  await world.sql.query(`create function poison() returns trigger language plpgsql as $$ begin
    if new.ip_address = '${address}' then raise exception 'this address is poisoned'; end if;
    return new; end $$`);
  await world.sql.query(
    "create trigger poison before insert or update on ip_inventory for each row execute function poison()",
  );
}

Deno.test("workQueue() gives back what a stop left undone, and the next worker does it", async () => {
  // Requests leave in parts of ten: of two batches some are left when the parts under way are done.
  await using world = await openQueueWorld({ greynoisePerSecond: 50 });
  const stop = new AbortController();
  const addresses = COWRIE_ADDRESSES.slice(0, 120);
  await world.submit(addresses, 60);
  const running = world.drain({ stop: stop.signal });
  while (world.lab.requests.greynoiseRequests < 3) await world.clock.sleep(10);
  stop.abort();
  const first = await running;
  assertEquals([first.stopped, first.given_back, first.batches], [true, 2, 0]);
  const { waiting, retrying, active } = await world.queue.count();
  assertEquals([waiting, retrying, active], [2, 0, 0]);
  assertEquals((await countStopped(world)) > 0, true);
  const { hit, miss } = first.sources.greynoise;
  assertEquals(hit + miss, world.lab.requests.greynoiseRequests, "what was asked is told");
  assertEquals([first.asked + first.held_back + first.fresh, first.stored, first.addresses], [120, 120, 0]);
  const second = await world.drain();
  assertEquals([second.batches, second.addresses], [2, 120]);
  assertEquals(await countStopped(world), 0);
});

async function countStopped(world: QueueWorld): Promise<number> {
  const rows = await world.sql.query(
    "select 1 from ip_inventory where enrichment #>> '{_meta,sources,greynoise,reason}' = 'stopped'",
  );
  return rows.length;
}

Deno.test("workQueue() leaves a batch to the worker that took it over", async () => {
  await using world = await openQueueWorld({ greynoisePerSecond: 2 });
  await world.submit(ADDRESSES.slice(0, 10));
  const stop = new AbortController();
  const running = workQueue({ ...world.deps, queue: { ...world.queue, renewEveryMs: 20 } }, {
    concurrency: 1,
    stop: stop.signal,
    onBatch: () => stop.abort(),
  });
  while (world.lab.requests.greynoiseRequests < 1) await world.clock.sleep(10);
  await world.sql.query("update ipcascade_queue.job set retry_count = retry_count + 1");
  const report = await running;
  assertEquals([report.lost, report.batches, report.given_back], [1, 0, 0]);
  const held = await world.queue.listActive(2);
  assertEquals(held.map(({ attempt }) => attempt), [2]);
});

Deno.test("workQueue() ends with the queue's failure, all its batches being left", async () => {
  await using world = await openQueueWorld();
  const queue = { ...world.queue, take: () => Promise.reject(new StoreError("Cannot use the database")) };
  await assertRejects(() => workQueue({ ...world.deps, queue }), StoreError, "Cannot use the database");
});

Deno.test("importAndQueue() queues the log's addresses, also when the sessions are known", async () => {
  await using world = await openQueueWorld();
  const lines = (await readFile(COWRIE_LOG_URL, "utf8")).split("\n");
  const run = () =>
    importAndQueue(logOf(lines), { ...world.deps, queue: world.queue }, {
      batchSize: 50,
      limits: { batchSessions: 40, maxOpen: 50, maxEvents: 20 },
    });
  const [first, again] = [await run(), await run()];
  assertEquals([first.newSessions, again.newSessions, again.unchangedSessions], [320, 0, 320]);
  const stored = await world.sql.query<{ ip: string }>("select host(ip_address) as ip from ip_inventory");
  assertEquals([first.queued.addresses, again.queued.addresses], [stored.length, stored.length]);
  assertEquals(first.queued.batches, Math.ceil(stored.length / 50));
  const taken: string[] = [];
  for (let index = 0; index < first.queued.batches; index++) {
    taken.push(...(await world.queue.take())!.addresses);
  }
  assertEquals(taken.sort(), stored.map(({ ip }) => ip).sort());
  const batch = await world.queue.take();
  assertEquals([batch?.sources, batch?.activity], [SOURCE_NAMES, null]);
});

async function* logOf(lines: readonly string[]) {
  for (let start = 0; start < lines.length; start += 100) {
    const text = lines.slice(start, start + 100).join("\n");
    yield { name: "cowrie.json", isFirst: start === 0, bytes: new TextEncoder().encode(`${text}\n`) };
    await Promise.resolve();
  }
}
