import { assertEquals, assertRejects } from "@std/assert";
import { holdBody } from "./held_body.ts";

/** A response of these pieces, then an error if there is one. */
function respond(pieces: readonly string[], error?: Error): Response {
  const left = [...pieces];
  const body = new ReadableStream({
    pull(controller) {
      const piece = left.shift();
      if (piece !== undefined) controller.enqueue(new TextEncoder().encode(piece));
      else if (error === undefined) controller.close();
      else controller.error(error);
    },
  });
  return new Response(body, { status: 201, headers: { "x-own": "1" } });
}

Deno.test("holdBody() passes everything on and tells when it was sent", async () => {
  let released = 0;
  const held = holdBody(respond(["a", "b"]), () => released++);
  assertEquals([held.status, held.headers.get("x-own"), released], [201, "1", 0]);
  assertEquals([await held.text(), released], ["ab", 1]);
});

Deno.test("holdBody() tells when the body fails, is wanted no more, or is none", async () => {
  let released = 0;
  const release = () => void released++;
  await assertRejects(() => holdBody(respond(["a"], new Error("cut")), release).text(), Error, "cut");
  assertEquals(released, 1);
  await holdBody(respond(["a"]), release).body?.cancel();
  assertEquals(released, 2);
  holdBody(new Response(null, { status: 204 }), release);
  assertEquals(released, 3);
});
