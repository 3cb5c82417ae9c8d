import { assert, assertEquals, assertRejects } from "@std/assert";
import { BodyTooLargeError, discardBody, readBoundedBody } from "./bounded_body.ts";

/** A body of these chunks; `state` tells how it was left. */
function createBody(
  chunks: readonly Uint8Array[],
  options: { readonly endless?: boolean; readonly breaks?: boolean },
) {
  const state = { pulls: 0, isCancelled: false };
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = chunks[state.pulls++ % chunks.length];
      if (state.pulls <= chunks.length || options.endless === true) return controller.enqueue(chunk!);
      if (options.breaks === true) return controller.error(new TypeError("connection reset"));
      controller.close();
    },
    cancel() {
      state.isCancelled = true;
    },
  }, { highWaterMark: 0 });
  return { response: new Response(stream), state };
}

const FOUR = new Uint8Array([1, 2, 3, 4]);

Deno.test("readBoundedBody() joins the chunks of a body that just fits", async () => {
  const { response } = createBody([FOUR, FOUR], {});
  assertEquals(await readBoundedBody(response, 8), new Uint8Array([1, 2, 3, 4, 1, 2, 3, 4]));
});

Deno.test("readBoundedBody() reads no body as empty", async () => {
  assertEquals(await readBoundedBody(new Response(null), 8), new Uint8Array(0));
});

Deno.test("readBoundedBody() cancels a body without end as soon as it is too large", async () => {
  const { response, state } = createBody([FOUR], { endless: true });
  await assertRejects(() => readBoundedBody(response, 11), BodyTooLargeError, "larger than 11 bytes");
  assertEquals(state, { pulls: 3, isCancelled: true });
});

Deno.test("readBoundedBody() passes on why a body broke", async () => {
  const { response } = createBody([FOUR], { breaks: true });
  await assertRejects(() => readBoundedBody(response, 8), TypeError, "connection reset");
});

Deno.test("discardBody() cancels the body, or does nothing where there is none", () => {
  const { response, state } = createBody([FOUR], { endless: true });
  discardBody(response);
  assert(state.isCancelled);
  discardBody(new Response(null));
});
