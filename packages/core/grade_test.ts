import { assertEquals } from "@std/assert";
import { worstGrade } from "./grade.ts";

Deno.test("worstGrade() puts critical above unknown, and unknown above a warning", () => {
  assertEquals(worstGrade([]), "ok");
  assertEquals(worstGrade(["info", "ok"]), "info");
  assertEquals(worstGrade(["warning", "info"]), "warning");
  assertEquals(worstGrade(["warning", "unknown", "ok"]), "unknown");
  assertEquals(worstGrade(["unknown", "critical", "warning"]), "critical");
});
