import { assertEquals } from "@std/assert";
import { parseSettingsFile } from "./settings_env_file.ts";

Deno.test("parseSettingsFile() reads names and values", () => {
  const text = [
    "\uFEFF# comment",
    "",
    "PLAIN=a b",
    "  export SPACED = value \r",
    'DOUBLE="a # b"',
    "SINGLE='x=y'",
    "EQUALS=a=b=",
    "HASH=a#b",
    "EMPTY=",
    'QUOTED_EMPTY=""',
  ].join("\n");
  const { values, problems } = parseSettingsFile(text, "/d/ipcascade.env");
  assertEquals(problems, []);
  assertEquals([...values].map(([name, { text }]) => [name, text]), [
    ["PLAIN", "a b"],
    ["SPACED", "value"],
    ["DOUBLE", "a # b"],
    ["SINGLE", "x=y"],
    ["EQUALS", "a=b="],
    ["HASH", "a#b"],
  ]);
  assertEquals(values.get("SPACED")?.place, '"/d/ipcascade.env" line 4');
});

Deno.test("parseSettingsFile() names the line of a mistake and never the value", () => {
  const text = ["A=1", "nonsense SECRET", "A=2", "B=x # SECRET", 'C="SECRET', 'D="a"SECRET'].join("\n");
  const { values, problems } = parseSettingsFile(text, "f");
  assertEquals([...values.keys()], ["A"]);
  assertEquals(problems.map((problem) => /line (\d)/.exec(problem)?.[1]), ["2", "3", "4", "5", "6"]);
  assertEquals(problems.some((problem) => problem.includes("SECRET")), false);
});
