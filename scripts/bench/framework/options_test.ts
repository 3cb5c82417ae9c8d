import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "@ipcascade/core";
import { readBenchOptions } from "./options.ts";

const KNOWN = ["city", "store"];

Deno.test("readBenchOptions() reads scenarios and options in any order", () => {
  assertEquals(
    readBenchOptions(["store", "--json=out.json", "city", "--compare", "a.json", "--rounds", "9"], KNOWN),
    {
      names: ["store", "city"],
      json: "out.json",
      compare: "a.json",
      failOnRegression: false,
      rounds: 9,
      isSmall: false,
      asMarkdown: false,
      print: null,
    },
  );
  const { names, rounds, isSmall, print } = readBenchOptions(["--small", "--list", "city", "city"], KNOWN);
  assertEquals({ names, rounds, isSmall, print }, {
    names: ["city"],
    rounds: null,
    isSmall: true,
    print: "list",
  });
});

Deno.test("readBenchOptions() refuses what it does not know and quotes it", () => {
  const cases = [
    [["town"], 'Cannot measure "town": allowed are city, store'],
    [["--fast"], 'Cannot read "--fast": allowed are'],
    [["--small=yes"], 'Cannot read "--small=yes"'],
    [["--rounds", "0"], 'Cannot read --rounds "0": allowed are whole numbers from 1 to 100'],
    [["--rounds", "many"], 'Cannot read --rounds "many"'],
    [["--json"], "Cannot read --json: it needs a value"],
    [["--json="], "Cannot read --json: it needs a value"],
    [["--json", "a", "--json", "b"], "Cannot read --json: it was given more than once"],
    [["--fail-on-regression"], "Cannot use --fail-on-regression: it needs --compare FILE"],
  ] as const;
  for (const [args, message] of cases) {
    assertThrows(() => readBenchOptions(args, KNOWN), UsageError, message);
  }
});
