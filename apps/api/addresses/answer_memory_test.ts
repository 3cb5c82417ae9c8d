import { assert, assertEquals } from "@std/assert";
import type { InstalledEditions } from "@ipcascade/core";
import { FakeClock } from "@ipcascade/testkit";
import { AnswerMemory, type IpAnswer, type MemoryLimits } from "./answer_memory.ts";

const LIMITS: MemoryLimits = { maxAnswers: 3, maxBytes: 10_000, maxAgeMs: 60_000 };

function openMemory(limits: Partial<MemoryLimits> = {}) {
  const clock = new FakeClock();
  const pair = (): InstalledEditions => ({ cityBuildEpoch: 1, asnBuildEpoch: 1 });
  const maxmind = { installed: pair() };
  const memory = new AnswerMemory({ clock, maxmind }, { ...LIMITS, ...limits });
  const answer = (body: string, leftMs = 3_600_000): IpAnswer => ({
    body,
    etag: `"${body}"`,
    staleAt: clock.now() + leftMs,
  });
  const keep = (key: string, leftMs?: number) => memory.keep(key, answer(key, leftMs), memory.begin());
  return { clock, maxmind, pair, memory, answer, keep };
}

Deno.test("AnswerMemory finds an answer for a minute, and no longer than it is fresh", async () => {
  const { clock, memory, keep } = openMemory();
  keep("long");
  keep("short", 5_000);
  await clock.advance(4_999);
  assertEquals([memory.find("long")?.body, memory.find("short")?.body], ["long", "short"]);
  await clock.advance(1);
  assertEquals([memory.find("long")?.body, memory.find("short")], ["long", null]);
  await clock.advance(55_000);
  assertEquals([memory.find("long"), memory.size], [null, { answers: 0, bytes: 0 }]);
});

Deno.test("AnswerMemory finds nothing of other editions, nor keeps what was begun under them", () => {
  const { maxmind, pair, memory, answer, keep } = openMemory();
  keep("before");
  const begun = memory.begin();
  maxmind.installed = pair();
  assertEquals(memory.find("before"), null);
  memory.keep("between", answer("between"), begun);
  assertEquals(memory.size.answers, 0);
  keep("after");
  assertEquals(memory.find("after")?.body, "after");
});

Deno.test("AnswerMemory keeps nothing that was begun before an address was asked about again", () => {
  const { memory, answer, keep } = openMemory();
  keep("8.8.8.8");
  const begun = memory.begin();
  memory.forget("8.8.8.8");
  memory.keep("8.8.8.8", answer("old"), begun);
  assertEquals(memory.find("8.8.8.8"), null);
});

Deno.test("AnswerMemory stays within its bounds whatever is asked", () => {
  const { memory, keep } = openMemory({ maxAnswers: 100, maxBytes: 20_000 });
  for (let i = 0; i < 10_000; i++) keep(`2a00:${i.toString(16)}::1`);
  const { answers, bytes } = memory.size;
  assert(answers <= 100 && bytes <= 20_000, `${answers} answers, ${bytes} bytes`);
  assertEquals(memory.find("2a00:270f::1")?.body, "2a00:270f::1");
  assertEquals(memory.find("2a00:0::1"), null);
});

Deno.test("AnswerMemory counts a text beyond Latin-1 as twice as large", () => {
  const sizes = ["São Paulo", "Łódź 1234"].map((body) => {
    const { memory, keep } = openMemory();
    keep(body);
    return memory.size.bytes;
  });
  assertEquals(sizes[1]! - sizes[0]!, "São Paulo".length);
});
