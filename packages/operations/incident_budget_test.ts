import { assertEquals } from "@std/assert";
import { FakeClock } from "../testkit/fake_clock.ts";
import { IncidentBudget } from "./incident_budget.ts";

function takeAll(budget: IncidentBudget): number {
  let taken = 0;
  while (taken < 5_000 && budget.take()) taken++;
  return taken;
}

Deno.test("IncidentBudget.take() ends after a thousand addresses, for ever without a clock", () => {
  const budget = new IncidentBudget();
  assertEquals([takeAll(budget), takeAll(budget)], [1_000, 0]);
});

Deno.test("IncidentBudget.take() begins anew after an hour of its clock", async () => {
  const clock = new FakeClock();
  const budget = new IncidentBudget(clock);
  assertEquals([takeAll(budget), takeAll(budget)], [1_000, 0]);
  await clock.advance(3_599_000);
  assertEquals(takeAll(budget), 0);
  await clock.advance(1_000);
  assertEquals([takeAll(budget), takeAll(budget)], [1_000, 0]);
});
