import { describeCheck } from "@ipcascade/core";
import { checkHealth } from "@ipcascade/operations";
import { FakeClock } from "@ipcascade/testkit";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderHealthHtml } from "./health_html.ts";

Deno.test("renderHealthHtml() tells what is wrong first, the worst first, and runs nothing of what it quotes", async () => {
  const checks = [
    describeCheck({ name: "disk_free", group: "system" }, { grade: "ok", message: "roomy" }),
    describeCheck({ name: "coverage", group: "inventory" }, {
      grade: "warning",
      message: "94 % <script>x</script>",
      fix: "ipcascade backfill",
    }),
    describeCheck({ name: "edition_city", group: "editions" }, { grade: "critical", message: "gone" }),
    describeCheck({ name: "alerts", group: "system" }, { grade: "ok", observed: 0, message: "told by mail" }),
    describeCheck({ name: "scheduler", group: "jobs" }, { grade: "info", message: "none" }),
  ];
  const probe = { expected: [], run: () => Promise.resolve(checks) };
  const html = renderHealthHtml(await checkHealth([probe], { clock: new FakeClock() }), { host: "pot<1>" });
  const order = [
    "edition_city",
    "coverage",
    "Worth knowing",
    "scheduler",
    "What is well",
    "roomy",
    "told by mail",
  ].map((text) => html.indexOf(text));
  assertEquals(order, [...order].sort((a, b) => a - b));
  assert(order[0]! > 0);
  assertStringIncludes(html, "<p>Host pot&lt;1&gt;; 2026-11-23 12:00 UTC; 2 of 5 checks need a look.");
  assertStringIncludes(html, "94 % &lt;script&gt;x&lt;/script&gt;");
  assertStringIncludes(html, "<code>ipcascade backfill</code>");
  for (const text of ["<script", "<style", "http", "src="]) assert(!html.includes(text), text);
});
