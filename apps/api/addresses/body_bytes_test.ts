import { assertEquals, assertRejects } from "@std/assert";
import { FakeClock } from "@ipcascade/testkit";
import { BodyCutError, BodyDamagedError, BodyStalledError, readBody } from "./body_bytes.ts";

function bodyOf(bytes: Uint8Array, size: number): ReadableStream<Uint8Array> {
  let start = 0;
  return new ReadableStream({
    pull: (controller) => {
      if (start >= bytes.length) return controller.close();
      controller.enqueue(bytes.slice(start, start += size));
    },
  });
}

async function gzip(text: string): Promise<Uint8Array> {
  const packed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(packed).arrayBuffer());
}

async function readText(body: ReadableStream<Uint8Array>, isGzip: boolean): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const options = { clock: new FakeClock(), idleMs: 1_000, isGzip };
  for await (const piece of readBody(body, options)) text += decoder.decode(piece, { stream: true });
  return text;
}

Deno.test("readBody() unpacks gzip, however it is cut", async () => {
  const text = "8.8.8.8\n".repeat(10_000);
  const packed = await gzip(text);
  for (const size of [1, 13, 100_000]) assertEquals(await readText(bodyOf(packed, size), true), text);
  assertEquals(await readText(bodyOf(new TextEncoder().encode(text), 999), false), text);
});

Deno.test("readBody() tells of gzip that is damaged or cut", async () => {
  const packed = await gzip("8.8.8.8\n".repeat(10_000));
  await assertRejects(() => readText(bodyOf(packed.slice(0, -9), 50), true), BodyDamagedError);
  await assertRejects(
    () => readText(bodyOf(new TextEncoder().encode("8.8.8.8\n"), 50), true),
    BodyDamagedError,
  );
});

Deno.test("readBody() waits only so long for more", async () => {
  const clock = new FakeClock();
  let isCancelled = false;
  const silent = new ReadableStream<Uint8Array>({
    pull: () => new Promise(() => {}),
    cancel: () => void (isCancelled = true),
  });
  const reading = readBody(silent, { clock, idleMs: 60_000, isGzip: false }).next();
  const outcome = assertRejects(() => reading, BodyStalledError, "for 60 s");
  await clock.advance(60_000);
  await outcome;
  assertEquals(isCancelled, true);
});

Deno.test("readBody() tells of a body that broke off", async () => {
  const broken = new ReadableStream<Uint8Array>({ pull: () => Promise.reject(new Error("reset")) });
  await assertRejects(() => readText(broken, false), BodyCutError, "reset");
});
