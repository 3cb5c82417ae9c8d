import { assertEquals, assertStringIncludes } from "@std/assert";
import { addHelpDetails } from "./help_details.ts";

const SECTIONS = [{ body: "ipcascade" }, { title: "Usage", body: "…" }, { title: "Options", body: "…" }];

Deno.test("addHelpDetails() puts what a command has to say behind its usage", () => {
  const sections = addHelpDetails("jobs", SECTIONS);
  assertEquals(sections.map(({ title }) => title), [undefined, "Usage", "Actions", "Options"]);
  for (const action of ["list", "next", "history", "run NAME", "status", "retry", "drop --yes"]) {
    assertStringIncludes(sections[2]!.body, `\n  ${action}`.slice(action === "list" ? 1 : 0), action);
  }
  assertStringIncludes(addHelpDetails("schedule", SECTIONS)[2]!.body, "UTC");
});

Deno.test("addHelpDetails() leaves the help of other commands, and of none, as it is", () => {
  for (const command of ["enrich", undefined]) assertEquals(addHelpDetails(command, SECTIONS), SECTIONS);
});
