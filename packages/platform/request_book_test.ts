import {
  MS_PER_HOUR,
  type RequestHour,
  type RequestHours,
  type SourceRequest,
  StoreError,
} from "@ipcascade/core";
import { assert, assertEquals } from "@std/assert";
import { JumpingClock, SILENT_LOG } from "../operations/testing/fakes.ts";
import { createNodeClock } from "./node_clock.ts";
import { RequestBook } from "./request_book.ts";

const CALL: SourceRequest = {
  source: "greynoise",
  channel: "http",
  outcome: "answered",
  addresses: 1,
  durationMs: 5,
};

/** Keeps hours in memory; `state` says what becomes of writes. */
class MemoryHours implements RequestHours {
  state: "there" | "broken" | "hung" = "there";
  readonly written: RequestHour[] = [];
  pruned = 0;

  addMany(hours: readonly RequestHour[]): Promise<void> {
    if (this.state === "broken") return Promise.reject(new StoreError("Cannot use the database: it is gone"));
    if (this.state === "hung") return new Promise(() => {});
    this.written.push(...hours);
    return Promise.resolve();
  }

  prune(): Promise<number> {
    this.pruned++;
    return Promise.reject(new StoreError("Cannot use the database: it is gone"));
  }

  list = () => Promise.resolve(this.written);
  perHour = () => Promise.resolve([]);
}

Deno.test("RequestBook writes when it is told to and when it is closed, in batches", async () => {
  const hours = new MemoryHours();
  const clock = new JumpingClock();
  const options = { hours, purpose: "enrich", clock, log: SILENT_LOG, writeEveryMs: 0 } as const;
  {
    await using book = new RequestBook(options);
    await book.write();
    for (let n = 0; n < 1_000; n++) book.add(CALL);
    await book.write();
    await book.write();
    assertEquals(hours.written.map(({ requests }) => requests), [1_000], "one entry, and nothing twice");
    book.add(CALL);
  }
  assertEquals(hours.written.map(({ requests }) => requests), [1_000, 1]);
  assertEquals(hours.pruned, 1, "forgetting is for once in an hour, and its failure is nobody's");
});

Deno.test("RequestBook writes by itself every few seconds", async () => {
  const hours = new MemoryHours();
  const clock = createNodeClock();
  await using book = new RequestBook({ hours, purpose: "work", clock, log: SILENT_LOG, writeEveryMs: 5 });
  book.add(CALL);
  while (hours.written.length === 0) await clock.sleep(1);
  assertEquals(hours.written.length, 1);
});

Deno.test("RequestBook keeps what can't be written, and says so once", async () => {
  const hours = new MemoryHours();
  const warnings: string[] = [];
  const log = { ...SILENT_LOG, warn: (message: string) => void warnings.push(message) };
  const clock = new JumpingClock();
  await using book = new RequestBook({ hours, purpose: "work", clock, log, writeEveryMs: 0 });
  hours.state = "broken";
  for (let n = 0; n < 3; n++) {
    book.add(CALL);
    await book.write();
  }
  assertEquals([hours.written.length, warnings], [0, ["Requests can't be recorded"]]);
  hours.state = "there";
  clock.ms += MS_PER_HOUR;
  book.add(CALL);
  await book.write();
  assertEquals(hours.written.map(({ requests }) => requests), [3, 1], "each in the hour it was sent in");
  hours.state = "broken";
  book.add(CALL);
  await book.write();
  assertEquals(warnings.length, 2, "and once more when it fails again");
  hours.state = "there";
});

Deno.test("RequestBook does not keep a program from ending when the database hangs", async () => {
  const hours = new MemoryHours();
  hours.state = "hung";
  const clock = new JumpingClock();
  const startedMs = clock.ms;
  {
    await using book = new RequestBook({ hours, purpose: "work", clock, log: SILENT_LOG, writeEveryMs: 0 });
    book.add(CALL);
  }
  assert(clock.ms - startedMs <= 5_000, `${clock.ms - startedMs} ms`);
});
