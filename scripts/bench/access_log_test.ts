import { assert, assertEquals, assertMatch } from "@std/assert";
import { writeAccessLog } from "./access_log.ts";

const COMBINED =
  /^(\S+) - - \[\d\d\/Nov\/2026:\d\d:\d\d:\d\d \+0000\] "(GET|POST) \S+ HTTP\/1\.1" \d{3} \d+ "[^"]+" "[^"]+"$/;

Deno.test("writeAccessLog() writes combined lines in which few visitors come often and many once", () => {
  const text = [...writeAccessLog({ lines: 2_000, visitors: 500 })].join("");
  assertEquals([...writeAccessLog({ lines: 2_000, visitors: 500 })].join(""), text);
  const lines = text.trimEnd().split("\n");
  assertEquals(lines.length, 2_000);
  const visits = new Map<string, number>();
  for (const line of lines) {
    assertMatch(line, COMBINED);
    const address = line.slice(0, line.indexOf(" "));
    visits.set(address, (visits.get(address) ?? 0) + 1);
  }
  const counts = [...visits.values()].sort((a, b) => b - a);
  assert(counts[0]! > 150, `the first came ${counts[0]} times`);
  assert(visits.size > 250, `${visits.size} came at all`);
});
