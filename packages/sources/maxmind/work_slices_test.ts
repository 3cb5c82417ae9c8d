import { assertEquals, assertRejects } from "@std/assert";
import { WorkSlices } from "./work_slices.ts";

function openSlices(signal?: AbortSignal) {
  const state = { elapsed: 0, pauses: 0 };
  const pause = () => {
    state.pauses++;
    state.elapsed += 500;
    return Promise.resolve();
  };
  return { state, slices: new WorkSlices({ clock: { elapsed: () => state.elapsed }, pause }, signal) };
}

Deno.test("WorkSlices.next() pauses after 10 ms of work, the pause not counted", async () => {
  const { state, slices } = openSlices();
  const pauses: number[] = [];
  for (let part = 0; part < 9; part++) {
    state.elapsed += 3;
    await slices.next();
    pauses.push(state.pauses);
  }
  assertEquals(pauses, [0, 0, 0, 1, 1, 1, 1, 2, 2]);
});

Deno.test("WorkSlices.next() throws the signal's reason, before a pause and after it", async () => {
  const reason = new Error("stop");
  await assertRejects(() => openSlices(AbortSignal.abort(reason)).slices.next(), Error, "stop");
  const controller = new AbortController();
  const clock = { elapsed: () => controller.signal.aborted ? 0 : 100 };
  let reads = 0;
  const slices = new WorkSlices({
    clock: { elapsed: () => reads++ === 0 ? 0 : clock.elapsed() },
    pause: () => Promise.resolve(controller.abort(reason)),
  }, controller.signal);
  await assertRejects(() => slices.next(), Error, "stop");
});
