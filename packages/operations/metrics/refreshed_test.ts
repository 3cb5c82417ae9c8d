import { assertEquals } from "@std/assert";
import { JumpingClock } from "../testing/fakes.ts";
import { Refreshed } from "./refreshed.ts";

/** A clock on which nothing is ever late. */
class PatientClock extends JumpingClock {
  override sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  }
}

function keep(read: () => Promise<number>, clock: JumpingClock = new PatientClock()) {
  const failures: string[] = [];
  const onFailure = (error: unknown) => void failures.push(String(error));
  const kept = new Refreshed(read, { clock, everyMs: 300_000, limitMs: 60_000, onFailure });
  return { kept, clock, failures };
}

Deno.test("Refreshed gives what is known at once, and reads once for all who ask", async () => {
  let reads = 0;
  const reading = Promise.withResolvers<number>();
  const { kept } = keep(() => {
    reads++;
    return reading.promise;
  });
  assertEquals([kept.get(), kept.get(), kept.get()], [null, null, null]);
  assertEquals(reads, 1);
  reading.resolve(7);
  await kept.settle();
  assertEquals([kept.get(), reads], [7, 1]);
});

Deno.test("Refreshed reads anew where it is old, and gives the old one meanwhile", async () => {
  let reads = 0;
  const { kept, clock } = keep(() => Promise.resolve(++reads));
  kept.get();
  await kept.settle();
  clock.ms += 299_999;
  assertEquals([kept.get(), reads], [1, 1]);
  clock.ms += 1;
  assertEquals(kept.get(), 1);
  await kept.settle();
  assertEquals([kept.get(), reads], [2, 2]);
});

Deno.test("Refreshed keeps what is known when reading fails, and tries again after a minute", async () => {
  let isBroken = false;
  const { kept, clock, failures } = keep(() =>
    isBroken ? Promise.reject(new Error("away")) : Promise.resolve(1)
  );
  kept.get();
  await kept.settle();
  isBroken = true;
  clock.ms += 300_000;
  kept.get();
  await kept.settle();
  assertEquals([kept.get(), failures], [1, ["Error: away"]]);
  clock.ms += 60_000;
  kept.get();
  await kept.settle();
  assertEquals(failures.length, 2);
});

Deno.test("Refreshed gives up what takes too long", async () => {
  const { kept, failures } = keep(() => new Promise(() => {}), new JumpingClock());
  kept.get();
  await kept.settle();
  assertEquals(failures, ["TimeLimitError: no answer within 60 s"]);
});

Deno.test("Refreshed takes over what others have read", () => {
  let reads = 0;
  const { kept } = keep(() => Promise.resolve(++reads));
  kept.put(42);
  assertEquals([kept.get(), reads], [42, 0]);
});
