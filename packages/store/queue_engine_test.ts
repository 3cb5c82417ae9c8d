import { assertEquals } from "@std/assert";
import { bindValues, splitStatements } from "./queue_engine.ts";

Deno.test("splitStatements() splits at semicolons, except in quotes, bodies and comments", () => {
  const cases: readonly [label: string, text: string, parts: string[]][] = [
    ["one statement", "select 1", ["select 1"]],
    ["several", "\n BEGIN;\n select 1;\n;COMMIT;\n", ["BEGIN", "select 1", "COMMIT"]],
    ["quotes", "select ';', 'it''s;'; select 2", ["select ';', 'it''s;'", "select 2"]],
    ["a body", "create function f() as $$ a; 'b; $$ language sql; x", [
      "create function f() as $$ a; 'b; $$ language sql",
      "x",
    ]],
    ["a comment", "select 1 -- don't; stop\n; select 2", ["select 1 -- don't; stop", "select 2"]],
    ["nothing", " ; ", []],
  ];
  for (const [label, text, parts] of cases) assertEquals(splitStatements(text), parts, label);
});

Deno.test("bindValues() writes lists and documents as text with a cast", () => {
  const text = "select $1, $2::uuid[], $3::jsonb, $12::jsonb, $1";
  const values = ["a", ["b", 'c"d'], { e: 1 }, undefined, null, true, 7, 8, 9, 10, 11, { f: "g\u0000" }];
  assertEquals(bindValues(text, values), {
    text: "select $1, $2::text::uuid[], $3::text::json::jsonb, $12::text::json::jsonb, $1",
    params: ["a", '{"b","c\\"d"}', '{"e":1}', null, null, true, 7, 8, 9, 10, 11, '{"f":"g"}'],
  });
});
