import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { beginOfStatement } from "./database_activity.ts";

const CASES: readonly [label: string, text: string, shown: string][] = [
  ["a short one as it is", "select 1 as one", "select ? as one"],
  ["parameters stay", "select a from b where c = $1::text", "select a from b where c = $1::text"],
  ["names with digits stay", "select a1 from b2", "select a1 from b2"],
  ["on one line", "select\n  a\tfrom b", "select a from b"],
  ["up to a string", "update users set password = 'hunter2' where a", "update users set password = …"],
  ["up to a dollar quote", "select $x$hunter2$x$", "select …"],
  ["up to a dollar quote with a digit", "select $x1$hunter2$x1$", "select …"],
  ["up to an unnamed dollar quote", "select $$hunter2$$", "select …"],
  ["up to a comment", "select a -- hunter2", "select a …"],
  ["up to a long comment", "select /* hunter2 */ a", "select …"],
  ["nothing", "", ""],
];

Deno.test("beginOfStatement() shows a statement up to its first literal", () => {
  for (const [label, text, shown] of CASES) assertEquals(beginOfStatement(text), shown, label);
});

Deno.test("beginOfStatement() never shows what is in quotes", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (before, after) => {
    const shown = beginOfStatement(`${before}'zqsecret${after}'`);
    assertEquals(shown.includes("zqsecret"), false);
    assertEquals(shown.length <= 82, true);
  }));
});
