import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Entry, gatherBatches, type InputItem, readEntries } from "./inputs.ts";
import { JumpingClock } from "./testing/fakes.ts";

function item(text: string, line?: number): InputItem {
  return { text, origin: line === undefined ? null : { name: "list.txt", line } };
}

function textsOf(entries: Iterable<Entry>): string[] {
  return [...entries].map((entry) =>
    "error" in entry ? entry.error.code : `${entry.address.text} ${entry.scope}`
  );
}

Deno.test("readEntries() reads what a text names", () => {
  const cases: readonly [text: string, expected: readonly string[]][] = [
    ["8.8.8.8", ["8.8.8.8 global"]],
    [" 8.8.8.8\t", ["8.8.8.8 global"]],
    ["::ffff:1.1.1.1", ["1.1.1.1 global"]],
    ["10.0.0.0/31", ["10.0.0.0 private", "10.0.0.1 private"]],
    ["2001:4860::1-2001:4860::2", ["2001:4860::1 global", "2001:4860::2 global"]],
    ["not-an-ip", ["INVALID_ADDRESS"]],
    ["", ["INVALID_ADDRESS"]],
    ["10.0.0.0/8", ["RANGE_TOO_LARGE"]],
    ["2001:db8::/32", ["RANGE_TOO_LARGE"]],
  ];
  for (const [text, expected] of cases) assertEquals(textsOf(readEntries(item(text))), expected, text);
});

Deno.test("readEntries() quotes a bad line and names its place", () => {
  const [entry] = [...readEntries(item("1.2.3.4.5", 17))];
  const message = entry !== undefined && "error" in entry ? entry.error.message : "";
  assertStringIncludes(message, '"1.2.3.4.5"');
  assertStringIncludes(message, '"list.txt", line 17');
});

Deno.test("gatherBatches() fills batches, expands blocks lazily and delivers the rest at the end", async () => {
  async function* chunks() {
    yield [item("192.0.2.0/29")];
    await Promise.resolve();
    yield [item("8.8.8.8"), item("x")];
  }
  const batches: string[][] = [];
  const options = { batchSize: 3, maxWaitMs: 1e9, clock: neverLate() };
  for await (const batch of gatherBatches(chunks(), options)) batches.push(textsOf(batch));
  assertEquals(batches.map((batch) => batch.length), [3, 3, 3, 1]);
  assertEquals(batches.flat().at(-1), "INVALID_ADDRESS");
});

Deno.test("gatherBatches() delivers part of a batch when no more input comes for a while", async () => {
  const never = new Promise<void>(() => {});
  async function* chunks() {
    yield [item("8.8.8.8")];
    await never;
  }
  const batches = gatherBatches(chunks(), { batchSize: 3, maxWaitMs: 250, clock: new JumpingClock() });
  const first = await batches.next();
  assertEquals(first.done, false);
  assertEquals(textsOf(first.value as readonly Entry[]), ["8.8.8.8 global"]);
});

Deno.test("gatherBatches() ends when told to stop, though the input is silent", async () => {
  const stop = new AbortController();
  const never = new Promise<void>(() => {});
  async function* chunks(): AsyncGenerator<InputItem[]> {
    await never;
    yield [];
  }
  const options = { batchSize: 3, maxWaitMs: 250, clock: neverLate(), stop: stop.signal };
  const next = gatherBatches(chunks(), options).next();
  stop.abort();
  assertEquals((await next).done, true);
});

/** A clock whose sleep only ends by its signal. */
function neverLate() {
  const clock = new JumpingClock();
  clock.sleep = (_ms, signal) =>
    new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  return clock;
}

Deno.test("gatherBatches() begins small and doubles up to the batch size", async () => {
  async function* chunks() {
    yield await Promise.resolve([item("192.0.2.0/27")]);
  }
  const options = { batchSize: 12, firstBatchSize: 2, maxWaitMs: 1e9, clock: neverLate() };
  const sizes: number[] = [];
  for await (const batch of gatherBatches(chunks(), options)) sizes.push(batch.length);
  assertEquals(sizes, [2, 4, 8, 12, 6]);
});
