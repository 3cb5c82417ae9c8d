import { assertEquals, assertRejects } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { type ArgumentContext, readArguments, resolveArguments } from "./input_arguments.ts";
import type { InputItem } from "./input_item.ts";
import type { InputSource } from "./input_source.ts";

const STDIN: InputSource = {
  name: "standard input",
  async *open() {
    yield await Promise.resolve(new TextEncoder().encode("9.9.9.9\n"));
  },
};

function context(given: { isTerminal?: boolean; files?: readonly string[] } = {}): ArgumentContext {
  return {
    isTerminal: given.isTerminal ?? true,
    stdin: STDIN,
    exists: (path) => Promise.resolve(given.files?.includes(path) ?? false),
  };
}

Deno.test("resolveArguments() prefers addresses, then files, then plain text", async () => {
  const files = ["list.txt", "8.8.8.8"];
  const cases: readonly [string, string][] = [
    ["8.8.8.8", "text 8.8.8.8"],
    ["192.0.2.0/24", "text 192.0.2.0/24"],
    ["192.0.2.1-192.0.2.9", "text 192.0.2.1-192.0.2.9"],
    ["2001:db8::1", "text 2001:db8::1"],
    ["list.txt", "source list.txt"],
    ["missing.txt", "source missing.txt"],
    ["/missing", "source /missing"],
    ["../missing", "source ../missing"],
    ["logs/missing", "source logs/missing"],
    ["cowrie.json.2026-11-25", "source cowrie.json.2026-11-25"],
    ["missing", "text missing"],
    ["host.example", "text host.example"],
    ["192.0.2.0/33", "text 192.0.2.0/33"],
    ["192.0.2.0/255.255.255.0", "text 192.0.2.0/255.255.255.0"],
    ["host.example/24", "text host.example/24"],
    ["-", "source standard input"],
  ];
  for (const [text, expected] of cases) {
    const [argument] = await resolveArguments([text], context({ files }));
    const shown = argument?.kind === "source" ? `source ${argument.source.name}` : `text ${argument?.text}`;
    assertEquals(shown, expected);
  }
});

Deno.test("resolveArguments() reads what is piped in when nothing is named", async () => {
  const piped = await resolveArguments([], context({ isTerminal: false }));
  assertEquals(piped.map(({ kind }) => kind), ["source"]);
  await assertRejects(
    () => resolveArguments([], context()),
    UsageError,
    "Cannot read the inputs: none were given",
  );
});

Deno.test("resolveArguments() asks the file system by default", async () => {
  const [file, text] = await resolveArguments(["deno.json", "no such file"]);
  assertEquals([file?.kind, text?.kind], ["source", "text"]);
});

Deno.test("readArguments() keeps the order of the arguments", async () => {
  const items: InputItem[] = [];
  const args = await resolveArguments(["8.8.8.8", "-", "junk"], context());
  for await (const chunk of readArguments(args, { format: { kind: "auto" } })) items.push(...chunk);
  assertEquals(items, [
    { text: "8.8.8.8", origin: null },
    { text: "9.9.9.9", origin: { name: "standard input", line: 1 } },
    { text: "junk", origin: null },
  ]);
});
