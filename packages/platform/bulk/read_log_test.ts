import { assertEquals } from "@std/assert";
import { MAX_LINE_BYTES } from "@ipcascade/operations";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import type { InputSource } from "../input_source.ts";
import { InputUnreadableError } from "../input_unreadable_error.ts";
import { LogCutter } from "./log_cutter.ts";
import { readLog } from "./read_log.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

interface Cut {
  readonly text: string;
  readonly isRaw: boolean;
}

function cut(text: string, size: number): readonly Cut[] {
  const cutter = new LogCutter("x.log");
  const bytes = encoder.encode(text);
  const cuts: Cut[] = [];
  const take = (chunks: ReturnType<LogCutter["push"]>) => {
    for (const chunk of chunks) {
      if (chunk.kind !== "lines") throw new TypeError("items");
      cuts.push({ text: decoder.decode(chunk.bytes), isRaw: chunk.raw != null });
    }
  };
  for (let at = 0; at < bytes.length; at += size) take(cutter.push(bytes.subarray(at, at + size)));
  take(cutter.end());
  return cuts;
}

Deno.test("LogCutter gives every byte once, in whole lines", () => {
  const text = fc.array(fc.constantFrom("a", "\n", "\r\n", "1.2.3.4 "), { maxLength: 60 })
    .map((parts) => parts.join(""));
  fc.assert(fc.property(text, fc.integer({ min: 1, max: 9 }), (text, size) => {
    const cuts = cut(text, size);
    assertEquals(cuts.map((one) => one.text).join(""), text);
    for (const { text: part, isRaw } of cuts.slice(0, -1)) {
      assertEquals([part.endsWith("\n"), isRaw], [true, false]);
    }
  }));
});

Deno.test("LogCutter marks a line that is too long as raw, and goes on with the next one", () => {
  const long = "x".repeat(MAX_LINE_BYTES + 300_000);
  const cuts = cut(`first\n${long}\nnext\nlast`, 100_000);
  assertEquals(cuts.map((one) => one.text).join(""), `first\n${long}\nnext\nlast`);
  const lines = cuts.filter(({ isRaw }) => !isRaw).map((one) => one.text);
  assertEquals(lines, ["first\n", "next\n", "last"]);
});

function sourceOf(name: string, ...parts: readonly (Uint8Array | Error)[]): InputSource {
  return {
    name,
    async *open() {
      for (const part of parts) {
        await Promise.resolve();
        if (part instanceof Error) throw part;
        yield part;
      }
    },
  };
}

Deno.test("readLog() unpacks gzip, tells what it can't read and goes on with the next log", async () => {
  const failures: string[] = [];
  const sources = [
    sourceOf("a.gz", gzipSync("packed\nend")),
    sourceOf("b", encoder.encode("before\nhalf"), new InputUnreadableError("b broke off")),
    sourceOf("c", encoder.encode("last\n")),
    sourceOf("d", encoder.encode("whole\n")),
    sourceOf("e"),
    sourceOf("f", encoder.encode("open")),
    sourceOf("g"),
  ];
  let text = "";
  const options = {
    stop: new AbortController().signal,
    onFailure: (error: Error) => void failures.push(error.message),
  };
  for await (const chunk of readLog(sources, options)) {
    if (chunk.kind === "lines") text += `${decoder.decode(chunk.bytes)}|`;
  }
  assertEquals(text, "packed\n|end|\n|before\n|half|\n|last\n|whole\n|open|");
  assertEquals(failures, ["b broke off"]);
});
