import { assertEquals, assertRejects } from "@std/assert";
import { createSharedRuns, type SharedRunsOptions } from "./shared_runs.ts";

/** Work that ends when it is told to. */
function openWork(options: Partial<SharedRunsOptions<string>> = {}) {
  let now = 0;
  const begun: {
    readonly key: string;
    readonly signal: AbortSignal;
    readonly end: (text: string) => void;
  }[] = [];
  const runs = createSharedRuns<string>({
    work: (key, signal) => {
      const { promise, resolve } = Promise.withResolvers<string>();
      begun.push({ key, signal, end: resolve });
      return promise;
    },
    clock: { elapsed: () => now },
    ...options,
  });
  return { runs, begun, wait: (ms: number) => now += ms };
}

const forever = new AbortController().signal;

Deno.test("join() does once what many ask for at once, and anew what comes later", async () => {
  const { runs, begun } = openWork();
  const both = [runs.join("a", forever), runs.join("a", forever)];
  const other = runs.join("b", forever);
  begun[0]!.end("first");
  begun[1]!.end("other");
  assertEquals(await Promise.all(both), [{ value: "first", ageMs: 0 }, { value: "first", ageMs: 0 }]);
  assertEquals((await other).value, "other");
  const later = runs.join("a", forever);
  assertEquals(begun.map(({ key }) => key), ["a", "b", "a"]);
  begun[2]!.end("second");
  assertEquals((await later).value, "second");
});

Deno.test("join() gives what a run brought for a while, and says how old it is", async () => {
  const { runs, begun, wait } = openWork({ keepMs: 10_000 });
  const first = runs.join("a", forever);
  begun[0]!.end("first");
  assertEquals((await first).ageMs, 0);
  wait(9_999);
  assertEquals(await runs.join("a", forever), { value: "first", ageMs: 9_999 });
  wait(1);
  const second = runs.join("a", forever);
  begun[1]!.end("second");
  assertEquals(await second, { value: "second", ageMs: 0 });
});

Deno.test("join() keeps no failure", async () => {
  let count = 0;
  const { runs } = openWork({
    keepMs: 10_000,
    work: () => ++count === 1 ? Promise.reject(new Error("no")) : Promise.resolve("yes"),
  });
  await assertRejects(() => runs.join("a", forever), Error, "no");
  assertEquals((await runs.join("a", forever)).value, "yes");
});

Deno.test("join() stops a run when the last one who waits has left, and begins anew for the next", async () => {
  const { runs, begun } = openWork({ canStop: true });
  const [one, two] = [new AbortController(), new AbortController()];
  const [first, second] = [runs.join("a", one.signal), runs.join("a", two.signal)];
  one.abort(new Error("gone"));
  await assertRejects(() => first, Error, "gone");
  assertEquals(begun[0]!.signal.aborted, false);
  two.abort(new Error("gone too"));
  await assertRejects(() => second, Error, "gone too");
  assertEquals(begun[0]!.signal.aborted, true);
  const third = runs.join("a", forever);
  begun[1]!.end("new");
  assertEquals((await third).value, "new");
});

Deno.test("join() never begins a second run beside one that can't be stopped", async () => {
  const { runs, begun } = openWork();
  const gone = new AbortController();
  const first = runs.join("a", gone.signal);
  gone.abort(new Error("gone"));
  await assertRejects(() => first, Error, "gone");
  const second = runs.join("a", forever);
  begun[0]!.end("the same");
  assertEquals((await second).value, "the same");
  assertEquals(begun.length, 1);
});

Deno.test("join() begins nothing for who is gone already", async () => {
  const { runs, begun } = openWork();
  await assertRejects(() => runs.join("a", AbortSignal.abort(new Error("gone"))), Error, "gone");
  assertEquals(begun.length, 0);
});
