import { assertEquals, assertRejects } from "@std/assert";
import { emptyRow } from "@ipcascade/core";
import { type Entry, readEntries } from "./inputs.ts";
import type { KnownRows } from "./known_rows.ts";
import { type BatchAddresses, readAhead, type ReadBatch } from "./read_ahead.ts";
import { JumpingClock, NOON } from "./testing/fakes.ts";

function batchOf(...texts: string[]): readonly Entry[] {
  return texts.flatMap((text) => [...readEntries({ text, origin: null })]);
}

async function* batchesOf(...batches: (readonly string[])[]): AsyncGenerator<readonly Entry[]> {
  for (const texts of batches) yield await Promise.resolve(batchOf(...texts));
}

/** Lets everything happen that waits for nothing outside. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

const KNOWN: KnownRows = {
  rows: new Map([["8.8.8.8", emptyRow("8.8.8.8", "global")]]),
  idle: new Set(),
  installed: null,
  idlePlans: [],
};

/** A run of `readAhead` whose readings wait for `answer`, in the order in which they began. */
function start(batches: AsyncGenerator<readonly Entry[]>) {
  const clock = new JumpingClock();
  const stopping = new AbortController();
  const read: string[][] = [];
  const waiting: PromiseWithResolvers<KnownRows>[] = [];
  const ahead = readAhead(batches, {
    clock,
    stop: stopping.signal,
    read: (addresses: BatchAddresses) => {
      read.push([...addresses.keys()]);
      const reading = Promise.withResolvers<KnownRows>();
      waiting.push(reading);
      return reading.promise;
    },
  });
  const answer = () => waiting.shift()!.resolve(KNOWN);
  const fail = () => waiting.shift()!.reject(new Error("Cannot read: gone"));
  return { ahead, clock, read, answer, fail, stop: () => stopping.abort() };
}

function textsOf(batch: IteratorResult<ReadBatch>): string[] {
  return batch.done === true ? [] : batch.value.entries.map(({ input }) => input);
}

Deno.test("readAhead() reads the rows of one batch more than the consumer has, and no further", async () => {
  const { ahead, read, answer } = start(batchesOf(["8.8.8.8"], ["1.1.1.1"], ["9.9.9.9"]));
  assertEquals(textsOf(await ahead.next()), ["8.8.8.8"]);
  await settle();
  assertEquals(read, [["8.8.8.8"], ["1.1.1.1"]]);
  assertEquals(textsOf(await ahead.next()), ["1.1.1.1"]);
  assertEquals(textsOf(await ahead.next()), ["9.9.9.9"]);
  for (const _ of read) answer();
  assertEquals((await ahead.next()).done, true);
  assertEquals(read, [["8.8.8.8"], ["1.1.1.1"], ["9.9.9.9"]]);
});

Deno.test("readAhead() reads each global address of a batch once, and no others", async () => {
  const { ahead, read } = start(batchesOf(["8.8.8.8", "10.0.0.1", "x", "::ffff:8.8.8.8", "1.1.1.1"]));
  const batch = (await ahead.next()).value as ReadBatch;
  assertEquals([batch.entries.length, [...batch.addresses.keys()]], [5, ["8.8.8.8", "1.1.1.1"]]);
  assertEquals(read, [["8.8.8.8", "1.1.1.1"]]);
});

Deno.test("readAhead() tells when the rows were at hand, not when they were asked for", async () => {
  const { ahead, clock, answer } = start(batchesOf(["8.8.8.8"]));
  const batch = (await ahead.next()).value as ReadBatch;
  clock.ms += 3_000;
  answer();
  const { known: { rows }, readAtMs } = await batch.reading;
  assertEquals([[...rows.keys()], readAtMs], [["8.8.8.8"], NOON + 3_000]);
});

Deno.test("readAhead() holds no batch back while the input is silent", async () => {
  const silence = Promise.withResolvers<void>();
  async function* batches() {
    yield batchOf("8.8.8.8");
    await silence.promise;
  }
  const { ahead, answer } = start(batches());
  assertEquals(textsOf(await ahead.next()), ["8.8.8.8"]);
  answer();
  silence.resolve();
  assertEquals((await ahead.next()).done, true);
});

Deno.test("readAhead() fails the batch whose rows can't be read, not the one before", async () => {
  const { ahead, answer, fail } = start(batchesOf(["8.8.8.8"], ["1.1.1.1"]));
  const first = (await ahead.next()).value as ReadBatch;
  await settle();
  answer();
  fail();
  assertEquals((await first.reading).known.rows.size, 1);
  const second = (await ahead.next()).value as ReadBatch;
  await assertRejects(() => second.reading, Error, "Cannot read: gone");
});

Deno.test("readAhead() throws what the input throws after the batches before", async () => {
  async function* batches() {
    yield await Promise.resolve(batchOf("8.8.8.8"));
    throw new Error("Cannot read the input: broken");
  }
  const { ahead, answer } = start(batches());
  assertEquals(textsOf(await ahead.next()), ["8.8.8.8"]);
  await settle();
  answer();
  await assertRejects(() => ahead.next(), Error, "Cannot read the input: broken");
});

Deno.test("readAhead() waits for the reading under way when the consumer leaves, and begins no other", async () => {
  const { ahead, read, answer } = start(batchesOf(["8.8.8.8"], ["1.1.1.1"], ["9.9.9.9"]));
  await ahead.next();
  await settle();
  let hasLeft = false;
  const leaving = ahead.return(undefined).then(() => hasLeft = true);
  answer();
  await settle();
  assertEquals(hasLeft, false);
  answer();
  await leaving;
  assertEquals(read, [["8.8.8.8"], ["1.1.1.1"]]);
});

Deno.test("readAhead() doesn't wait for a silent input when the consumer leaves, nor reads what comes then", async () => {
  const silence = Promise.withResolvers<void>();
  async function* batches() {
    yield batchOf("8.8.8.8");
    await silence.promise;
    yield batchOf("1.1.1.1");
  }
  const { ahead, read, answer } = start(batches());
  await ahead.next();
  answer();
  await ahead.return(undefined);
  silence.resolve();
  await settle();
  assertEquals(read, [["8.8.8.8"]]);
});

Deno.test("readAhead() drops the batch ahead when stopped", async () => {
  const { ahead, stop, answer } = start(batchesOf(["8.8.8.8"], ["1.1.1.1"]));
  await ahead.next();
  await settle();
  stop();
  answer();
  answer();
  assertEquals((await ahead.next()).done, true);
});

Deno.test("readAhead() gives the batch that is waited for when stopped", async () => {
  const silence = Promise.withResolvers<void>();
  async function* batches() {
    await silence.promise;
    yield batchOf("8.8.8.8");
  }
  const { ahead, stop } = start(batches());
  const batch = ahead.next();
  stop();
  silence.resolve();
  assertEquals(textsOf(await batch), ["8.8.8.8"]);
});
