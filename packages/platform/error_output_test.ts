import { assertEquals } from "@std/assert";
import { ErrorOutput } from "./error_output.ts";

Deno.test("ErrorOutput writes at once, and keeps the order while a text may be held up", async () => {
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  const thread = {
    write: (text: string | Uint8Array, done: () => void) => {
      waiting.push(() => (written.push(String(text)), done()));
    },
  };
  const errors = new ErrorOutput({ write: (text) => written.push(text) }, thread);
  errors.write("a");
  errors.writeAside("b");
  errors.write("c");
  errors.writeAside("d");
  assertEquals(written, ["a"]);
  const flushed = errors.flush();
  waiting[0]!();
  while (waiting.length < 2) await Promise.resolve();
  waiting[1]!();
  await flushed;
  errors.write("e");
  assertEquals(written, ["a", "b", "cd", "e"]);
});
