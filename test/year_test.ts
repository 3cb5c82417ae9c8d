import { assertEquals } from "@std/assert";
import { judgeYear } from "./year/judge_year.ts";
import { live } from "./year/live.ts";
import { SHORT_YEAR } from "./year/plan.ts";

Deno.test("a year of releases, faults and downtime needs nobody but for what people are told", async () => {
  const { broken, mails, logged } = await live(SHORT_YEAR, judgeYear);
  const told = ["", "Mails:", ...mails, "Log:", ...logged].join("\n  ");
  assertEquals(broken, [], told);
});
