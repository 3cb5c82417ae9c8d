import { assertEquals } from "@std/assert";
import { PassThrough } from "node:stream";
import { readAnswer } from "./read_answer.ts";

Deno.test("readAnswer() gives the first line, without its end", async () => {
  const input = new PassThrough();
  const answer = readAnswer({ input });
  input.write("ye");
  input.write("s\nno\n");
  assertEquals(await answer, "yes");
});

Deno.test("readAnswer() gives what was typed before the input ended, and null when that is nothing", async () => {
  for (const [typed, expected] of [["yes", "yes"], ["", null]] as const) {
    const input = new PassThrough();
    const answer = readAnswer({ input });
    input.end(typed);
    assertEquals(await answer, expected);
  }
});

Deno.test("readAnswer() waits no longer once it is told to stop", async () => {
  const stopping = new AbortController();
  const answer = readAnswer({ input: new PassThrough(), signal: stopping.signal });
  stopping.abort();
  assertEquals(await answer, null);
  assertEquals(await readAnswer({ input: new PassThrough(), signal: stopping.signal }), null);
});
