import { assertEquals, assertRejects } from "@std/assert";
import { OutputFailedError, OutputStream, type OutputTarget } from "./output_stream.ts";

/** A target whose writes end when the test says so. */
class FakeTarget implements OutputTarget {
  readonly written: string[] = [];
  readonly waiting: ((error?: Error | null) => void)[] = [];
  holds = false;
  failure: Error | null = null;
  #onError: (error: Error) => void = () => {};

  write(data: string | Uint8Array, done: (error?: Error | null) => void): boolean {
    this.written.push(typeof data === "string" ? data : new TextDecoder().decode(data));
    if (this.holds) this.waiting.push(done);
    else done(this.failure);
    return true;
  }

  on(_event: "error", listener: (error: Error) => void): void {
    this.#onError = listener;
  }

  emit(error: Error): void {
    this.#onError(error);
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: it failed`), { code });
}

Deno.test("OutputStream gathers small writes into large ones", async () => {
  const target = new FakeTarget();
  const output = new OutputStream(target, { bufferSize: 10 });
  await output.write("12345");
  await output.write("");
  assertEquals(target.written, []);
  await output.write("67890");
  await output.write("rest");
  assertEquals(target.written, ["1234567890"]);
  await output.flush();
  await output.flush();
  assertEquals(target.written, ["1234567890", "rest"]);
});

Deno.test("OutputStream waits for a slow reader and keeps the order", async () => {
  const target = new FakeTarget();
  target.holds = true;
  const output = new OutputStream(target, { bufferSize: 1 });
  let done = 0;
  const writes = ["a", "b", "c"].map((text) => output.write(text).then(() => done++));
  await Promise.resolve();
  assertEquals([target.written, done], [["a"], 0]);
  target.holds = false;
  target.waiting[0]!();
  await Promise.all(writes);
  assertEquals([target.written, done], [["a", "b", "c"], 3]);
});

Deno.test("OutputStream ends quietly when the reader left", async () => {
  for (const code of ["EPIPE", "ERR_STREAM_DESTROYED"]) {
    const target = new FakeTarget();
    let told = 0;
    const output = new OutputStream(target, { bufferSize: 1, onGone: () => told++ });
    target.failure = systemError(code);
    await output.write("a");
    target.emit(systemError(code));
    assertEquals([output.isGone, told], [true, 1]);
    await output.write("b");
    await output.flush();
    assertEquals(target.written, ["a"]);
  }
});

Deno.test("OutputStream hears of a reader that left between writes", async () => {
  const target = new FakeTarget();
  const output = new OutputStream(target);
  await output.write("gathered");
  target.emit(systemError("EPIPE"));
  await output.flush();
  assertEquals([output.isGone, target.written], [true, []]);
});

Deno.test("OutputStream throws when the disk is full, however the runtime tells it", async () => {
  const tellers: readonly ((target: FakeTarget) => void)[] = [
    (target) => target.failure = systemError("ENOSPC"),
    (target) => target.emit(systemError("ENOSPC")),
    (target) =>
      target.write = () => {
        throw systemError("ENOSPC");
      },
  ];
  for (const tell of tellers) {
    const target = new FakeTarget();
    const output = new OutputStream(target, { bufferSize: 1 });
    tell(target);
    await assertRejects(
      () => output.write("a"),
      OutputFailedError,
      "Cannot write the output: no space left on device",
    );
    await assertRejects(() => output.flush(), OutputFailedError);
    assertEquals(output.isGone, false);
  }
});
