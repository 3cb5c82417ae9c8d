import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { assert, assertEquals, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { type InputFormat, parseInputFormat } from "./input_format.ts";
import { type InputItem, ownText } from "./input_item.ts";
import { readItems } from "./input_items.ts";
import { readLines } from "./input_lines.ts";
import { fileSource, type InputSource } from "./input_source.ts";
import { InputUnreadableError } from "./input_unreadable_error.ts";

function source(content: string | Uint8Array, name = "input"): InputSource {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  return {
    name,
    async *open() {
      yield await Promise.resolve(bytes);
    },
  };
}

async function read(
  sources: readonly InputSource[],
  format: InputFormat = { kind: "auto" },
): Promise<readonly InputItem[]> {
  const items: InputItem[] = [];
  for await (const chunk of readItems(sources, { format })) items.push(...chunk);
  return items;
}

function brief(items: readonly InputItem[]): readonly string[] {
  return items.map(({ text, problem, origin }) =>
    problem === undefined ? `${origin?.name}:${origin?.line} ${text}` : `${origin?.name}:${origin?.line} !`
  );
}

async function inTempDir(work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "ipcascade-input-"));
  try {
    await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

Deno.test("parseInputFormat() reads --from", () => {
  const cases: readonly [string, InputFormat][] = [
    ["auto", { kind: "auto" }],
    ["lines", { kind: "lines" }],
    ["cowrie", { kind: "cowrie" }],
    ["csv:src ip", { kind: "csv", column: "src ip" }],
    ["csv:2", { kind: "csv", column: "2" }],
    ["ndjson:client.ip", { kind: "ndjson", field: "client.ip" }],
  ];
  for (const [text, format] of cases) assertEquals(parseInputFormat(text), format);
  for (const text of ["", "csv", "csv:", "json", "AUTO"]) {
    assertThrows(() => parseInputFormat(text), UsageError, "allowed are auto, lines, cowrie, csv:COLUMN");
  }
});

Deno.test("readItems() reads lines without blanks and comments, several inputs in order", async () => {
  const items = await read([source("# list\n\n 8.8.8.8 \r\nnot an ip\n", "a"), source("1.1.1.1", "b")]);
  assertEquals(brief(items), ["a:3 8.8.8.8", "a:4 not an ip", "b:1 1.1.1.1"]);
});

Deno.test("readItems() finds out what an input holds", async () => {
  const connect = '{"eventid":"cowrie.session.connect","src_ip":"8.8.8.8"}';
  const cases: readonly [string, string | Uint8Array, readonly string[]][] = [
    ["lines", "8.8.8.8", ["input:1 8.8.8.8"]],
    ["packed lines", gzipSync("8.8.8.8\n"), ["input:1 8.8.8.8"]],
    ["byte order mark", "\uFEFF8.8.8.8", ["input:1 8.8.8.8"]],
    ["cowrie", `{"eventid":"cowrie.login.failed","src_ip":"9.9.9.9"}\n${connect}`, ["input:2 8.8.8.8"]],
    ["ndjson", '{"src_ip":"8.8.8.8"}\n{"ip":"9.9.9.9"}', ["input:1 8.8.8.8", "input:2 9.9.9.9"]],
    ["nested ndjson", '{"source":{"ip":"8.8.8.8"}}', ["input:1 8.8.8.8"]],
    ["json strings", '"8.8.8.8"\n"x"', ["input:1 8.8.8.8", "input:2 x"]],
    ["broken ndjson", '{"ip":\n{"ip":"8.8.8.8"}', ["input:1 !", "input:2 8.8.8.8"]],
    ["csv", "# made by hand\ninput,ip_address,x\n8.8.8.8 ,8.8.8.8,", ["input:3 8.8.8.8"]],
    ["csv of one column", "IP\n8.8.8.8", ["input:2 8.8.8.8"]],
    ["empty", "", []],
    ["comments", "# nothing\n\n", []],
  ];
  for (const [label, content, expected] of cases) {
    assertEquals(brief(await read([source(content)])), expected, label);
  }
});

Deno.test("readItems() follows the format that it is told", async () => {
  const csv = "a;ip\nx;8.8.8.8\n";
  assertEquals(brief(await read([source(csv)], { kind: "csv", column: "ip" })), ["input:2 8.8.8.8"]);
  assertEquals(brief(await read([source(csv)], { kind: "lines" })), ["input:1 a;ip", "input:2 x;8.8.8.8"]);
  const ndjson = '{"ip":"1.1.1.1","peer":"8.8.8.8"}';
  assertEquals(brief(await read([source(ndjson)], { kind: "ndjson", field: "peer" })), ["input:1 8.8.8.8"]);
  await assertRejects(
    () => read([source(csv)], { kind: "csv", column: "nope" }),
    UsageError,
    "Cannot find column",
  );
});

Deno.test("readItems() makes an unreadable input an item and goes on", async () => {
  await inTempDir(async (dir) => {
    const packed = gzipSync("8.8.8.8\n9.9.9.9\n1.2.3.4");
    await writeFile(join(dir, "cut.gz"), packed.subarray(0, packed.length - 4));
    const paths = [join(dir, "none.txt"), dir, join(dir, "cut.gz")];
    const items = await read([...paths.map(fileSource), source("1.1.1.1")]);
    assertEquals(items.map(({ problem }) => problem ?? null), [
      `Cannot read "${dir}/none.txt": there is no such file`,
      `Cannot read "${dir}": it is a directory`,
      null,
      null,
      null,
      `Cannot read "${dir}/cut.gz" to its end: the gzip data breaks off`,
      null,
    ]);
    assertEquals(items.slice(2, 5).map(({ text }) => text), ["8.8.8.8", "9.9.9.9", "1.2.3.4"]);
    assertEquals(items[0]?.origin, null, "a file that isn't there has no lines");
    assertEquals(items[5]?.origin, { name: `${dir}/cut.gz`, line: 4 });
  });
});

Deno.test("readItems() refuses UTF-16 by name", async () => {
  const utf16 = new Uint8Array([0xff, 0xfe, 0x38, 0x00, 0x2e, 0x00, 0x0a, 0x00]);
  const [item] = await read([source(utf16, "win.txt")]);
  assertEquals(item?.problem, 'Cannot read "win.txt": it is UTF-16, allowed is UTF-8');
});

Deno.test("readItems() ends without an error when it is stopped", async () => {
  const controller = new AbortController();
  const endless: InputSource = {
    name: "endless",
    async *open(stop) {
      while (!stop?.aborted) yield await Promise.resolve(new TextEncoder().encode("8.8.8.8\n"));
    },
  };
  let count = 0;
  for await (
    const _ of readItems([endless, source("1.1.1.1")], { format: { kind: "lines" }, stop: controller.signal })
  ) {
    if (++count === 3) controller.abort();
  }
  assertEquals(count, 3);
});

Deno.test("readLines() throws for an unreadable input unless somebody listens", async () => {
  const drain = async () => {
    for await (const _ of readLines([fileSource("/nowhere/x")]));
  };
  await assertRejects(drain, InputUnreadableError, 'Cannot read "/nowhere/x": there is no such file');
});

Deno.test("readLines() reads a file in chunks with line numbers", async () => {
  await inTempDir(async (dir) => {
    const path = join(dir, "many.txt");
    await writeFile(path, Array.from({ length: 100_000 }, (_, i) => `line ${i + 1}`).join("\n"));
    let next = 1;
    for await (const { name, firstLine, lines } of readLines([fileSource(path)])) {
      assertEquals([name, firstLine, lines[0]], [path, next, `line ${next}`]);
      next += lines.length;
    }
    assertEquals(next, 100_001);
  });
});

Deno.test("ownText() copies any text", () => {
  for (
    const text of ["", "8.8.8.8", "203.0.113.100", "2001:db8:1111:2222:3333:4444:5555:6666", "x".repeat(500)]
  ) {
    assertEquals(ownText(text), text);
  }
});

Deno.test("readItems() repeats little of a long bad line", async () => {
  const [item] = await read([source(`{"x": "${"y".repeat(5000)}"}`)]);
  assert((item?.text.length ?? 0) < 300 && (item?.problem?.length ?? 0) < 300);
  assertStringIncludes(
    item?.problem ?? "",
    'allowed are an object with "ip", "ip_address", "src_ip" or the like',
  );
});
