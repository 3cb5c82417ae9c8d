import { assertEquals, assertStringIncludes } from "@std/assert";
import fc from "fast-check";
import { claimsToBeSetting, countEdits, explainUnknownName, findNearestName } from "./settings_names.ts";

Deno.test("countEdits() counts inserts, deletes, replacements and swaps", () => {
  const cases: readonly [string, string, number][] = [
    ["", "", 0],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["QUOTA", "QOUTA", 1],
    ["KEY", "API_KEY", 4],
  ];
  for (const [a, b, edits] of cases) assertEquals(countEdits(a, b), edits, `${a} ${b}`);
});

Deno.test("countEdits() is a distance", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(fc.property(word, word, (a, b) => {
    assertEquals(countEdits(a, b), countEdits(b, a));
    assertEquals(countEdits(a, b) === 0, a === b);
  }));
});

Deno.test("findNearestName() knows when nothing is near", () => {
  const known = ["GREYNOISE_API_KEY", "GREYNOISE_QUOTA", "CYMRU_TIMEOUT"];
  assertEquals(findNearestName("GREYNOISE_APIKEY", known), "GREYNOISE_API_KEY");
  assertEquals(findNearestName("greynoise_qouta", known), "GREYNOISE_QUOTA");
  assertEquals(findNearestName("CYMRU_WEATHER_REPORT", known), null);
});

Deno.test("claimsToBeSetting() leaves foreign names alone", () => {
  assertEquals(["PATH", "DB_HOST", "HOME", "IPCASCADE"].filter(claimsToBeSetting), []);
  assertEquals(claimsToBeSetting("IPCASCADE_X"), true);
  assertEquals(claimsToBeSetting("SCHEDULE_X"), true);
});

Deno.test("explainUnknownName() lists the family when nothing is near", () => {
  const known = ["GREYNOISE_API_KEY", "CYMRU_TIMEOUT", "CYMRU_DNS_SERVER"];
  const message = explainUnknownName("CYMRU_A", { known, place: "environment" });
  assertStringIncludes(message, 'Cannot use setting "CYMRU_A" (environment): there is no such setting');
  assertStringIncludes(message, "allowed are CYMRU_TIMEOUT, CYMRU_DNS_SERVER");
});
