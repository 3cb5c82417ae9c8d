import { assertEquals, assertRejects } from "@std/assert";
import { OutputFailedError, OutputStream } from "./output_stream.ts";
import { ThreadTarget, type ThreadWriter } from "./thread_output.ts";

/** Takes three bytes at a time, after what the test wants to happen first. */
class FakeWriter implements ThreadWriter {
  text = "";
  readonly #failures: string[];

  constructor(...failures: string[]) {
    this.#failures = failures;
  }

  write(bytes: Uint8Array): Promise<number> {
    const code = this.#failures.shift();
    if (code !== undefined) {
      return Promise.reject(Object.assign(new Error(`${code}: it failed`), { code }));
    }
    this.text += new TextDecoder().decode(bytes.subarray(0, 3));
    return Promise.resolve(Math.min(bytes.length, 3));
  }
}

Deno.test("ThreadTarget writes all when the system takes parts", async () => {
  const writer = new FakeWriter();
  const output = new OutputStream(new ThreadTarget(writer));
  await output.write("eight by");
  await output.writeBytes(new TextEncoder().encode("tes\n"));
  assertEquals(writer.text, "eight bytes\n");
});

Deno.test("ThreadTarget ends quietly when the reader left, and tells what else happens", async () => {
  const left = new OutputStream(new ThreadTarget(new FakeWriter("EPIPE")));
  await left.write("text");
  await left.flush();
  assertEquals(left.isGone, true);
  for (const code of ["EIO", "EAGAIN"]) {
    const writer = new FakeWriter(code);
    const broken = new OutputStream(new ThreadTarget(writer));
    await broken.write("text");
    await assertRejects(() => broken.flush(), OutputFailedError, `Cannot write the output: ${code}`);
    await assertRejects(() => broken.writeBytes(new Uint8Array(1)), OutputFailedError);
    assertEquals(writer.text, "", "nothing is written twice");
  }
});
