import { assertEquals, assertRejects } from "@std/assert";
import { openTempDir } from "@ipcascade/testkit";
import { writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { type BlockOptions, readBlocks } from "./input_blocks.ts";
import { fileSource } from "./input_source.ts";
import { InputUnreadableError } from "./input_unreadable_error.ts";

/** More than one read of a file, in lines of different lengths. */
const TEXT = Array.from({ length: 60_000 }, (_, index) => `${"x".repeat(index % 83)} ${index}`).join("\n");

/** The texts of the logs one by one, and how many blocks they came in. */
async function read(paths: readonly string[], options: BlockOptions = {}) {
  const texts: string[] = [];
  let blocks = 0;
  for await (const { isFirst, bytes } of readBlocks(paths.map(fileSource), options)) {
    const text = new TextDecoder().decode(bytes);
    if (isFirst) texts.push("");
    texts.push(`${texts.pop()!}${text}${text.endsWith("\n") ? "" : "\n"}`);
    blocks++;
  }
  return { texts, blocks };
}

Deno.test("readBlocks() gives every line of plain and packed files once, and says where a log begins", async () => {
  await using dir = await openTempDir();
  const [plain, packed] = [dir.join("a.json"), dir.join("a.json.gz")];
  await writeFile(plain, TEXT);
  await writeFile(packed, gzipSync(TEXT));
  const { texts, blocks } = await read([plain, packed, plain]);
  assertEquals(texts.map((text) => text === `${TEXT}\n`), [true, true, true]);
  assertEquals(blocks > 12, true, "it is bounded memory");
});

Deno.test("readBlocks() tells of what can't be read, after what can, and goes on", async () => {
  await using dir = await openTempDir();
  const [cut, wide, good] = [dir.join("cut.gz"), dir.join("wide"), dir.join("good")];
  await writeFile(cut, gzipSync(TEXT).subarray(0, 100_000));
  await writeFile(wide, new Uint8Array([0xff, 0xfe, 0x7b, 0, 10, 0]));
  await writeFile(good, "a\n\nb");
  const told: string[] = [];
  const { texts } = await read([dir.join("none"), dir.path, cut, wide, good], {
    onFailure: ({ message }) => told.push(message),
  });
  assertEquals([texts.length, texts[0]!.length > 100_000, texts.at(-1)], [2, true, "a\n\nb\n"]);
  const reasons = ["no such file", "directory", "to its end", "UTF-16"];
  assertEquals(told.map((message, index) => message.includes(reasons[index]!)), [true, true, true, true]);
  await assertRejects(() => read([wide]), InputUnreadableError, "UTF-16");
});

Deno.test("readBlocks() ends where it is told to stop", async () => {
  await using dir = await openTempDir();
  await writeFile(dir.join("a.json"), TEXT);
  const stop = new AbortController();
  let blocks = 0;
  for await (const _ of readBlocks([fileSource(dir.join("a.json"))], { stop: stop.signal })) {
    blocks++;
    stop.abort();
  }
  assertEquals(blocks < 8, true, `${blocks} blocks`);
});
