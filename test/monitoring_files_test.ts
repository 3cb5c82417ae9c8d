import { assert, assertEquals } from "@std/assert";
import { createHttpMeter } from "../apps/api/http_meter.ts";
import { openApiWorld } from "./api_world.ts";
import { runPromtool } from "./metrics_world.ts";

const PLACE = new URL("../docs/monitoring/", import.meta.url);

function readText(file: string): Promise<string> {
  return Deno.readTextFile(new URL(file, PLACE));
}

/** Names of metrics in a text; of the parts of a histogram the histogram's. */
function listNames(text: string): ReadonlySet<string> {
  const names = text.match(/\bipcascade_[a-z_]+/g) ?? [];
  return new Set(names.map((name) => name.replace(/_(bucket|sum|count)$/, "")));
}

function listAll(text: string, pattern: RegExp): readonly string[] {
  return [...text.matchAll(pattern)].map(([, found]) => found!);
}

Deno.test("rules and dashboard name no metric that is not exported, and leave few out", async () => {
  await using world = await openApiWorld();
  const { metrics } = await world.operations.measure();
  const exported = new Set([...metrics, ...createHttpMeter().read()].map(({ name }) => name));
  const used = new Set<string>();
  for (const file of ["rules.yml", "rules_test.yml", "ipcascade-dashboard.json"]) {
    for (const name of listNames(await readText(file))) {
      assert(exported.has(name), `${file} names ${name}`);
      used.add(name);
    }
  }
  assert(used.size > 30, `only ${used.size} are used`);
});

Deno.test("every exported metric is told about on the page of monitoring", async () => {
  await using world = await openApiWorld();
  const { metrics } = await world.operations.measure();
  const page = await Deno.readTextFile(new URL("../docs/monitoring.md", import.meta.url));
  for (const { name } of [...metrics, ...createHttpMeter().read()]) {
    assert(page.includes(name.replace("ipcascade_", "")), `${name} is not on the page`);
  }
});

Deno.test("every rule has a severity, a summary, a fix, a test and a word on the page", async () => {
  const rules = await readText("rules.yml");
  const names = listAll(rules, /- alert: (\w+)/g);
  assert(names.length > 20);
  assertEquals(listAll(rules, /severity: (critical|warning|info)\n/g).length, names.length);
  assertEquals(listAll(rules, /(summary): /g).length, names.length);
  assertEquals(listAll(rules, /(fix): /g).length, names.length);
  const tests = await readText("rules_test.yml");
  const page = await Deno.readTextFile(new URL("../docs/monitoring.md", import.meta.url));
  for (const name of names) {
    assert(
      new RegExp(`alertname: ${name}\\n +exp_alerts:\\n +- exp_labels:`).test(tests),
      `${name}: no test`,
    );
    assert(page.includes(`\`${name}\``), `${name} is not on the page`);
  }
});

Deno.test("the plugin of the page tells a monitor of every answer in its form", async () => {
  const token = "0123456789abcdef";
  await using world = await openApiWorld({ env: { IPCASCADE_API_TOKENS: `read:${token}` } });
  const page = await Deno.readTextFile(new URL("../docs/monitoring.md", import.meta.url));
  const [, script] = /```sh\n(#!\/bin\/sh\n[^]*?)```/.exec(page)!;
  const plugin = world.dir.join("check_ipcascade");
  await Deno.writeTextFile(plugin, script!);
  const run = async (address: string, header: string) => {
    const file = world.dir.join("header.txt");
    await Deno.writeTextFile(file, `Authorization: Bearer ${header}`);
    const command = new Deno.Command("sh", { args: [plugin, address, file], stderr: "null" });
    const { code, stdout } = await command.output();
    return { code, text: new TextDecoder().decode(stdout) };
  };
  const right = await run(world.address, token);
  const states = ["OK", "WARNING", "CRITICAL", "UNKNOWN"];
  assert(right.text.startsWith(`IPCASCADE ${states[right.code]} - `), right.text);
  for (const wrong of [await run(world.address, "wrong"), await run("http://127.0.0.1:1", token)]) {
    assertEquals(wrong.code, 3);
    assert(wrong.text.startsWith("IPCASCADE UNKNOWN - "), wrong.text);
    assertEquals(wrong.text.split("|").length, 1, wrong.text);
  }
});

Deno.test("the dashboard is JSON whose panels take their data from the chosen Prometheus", async () => {
  const dashboard = JSON.parse(await readText("ipcascade-dashboard.json"));
  const [first] = dashboard.templating.list;
  assertEquals([first.name, first.type, first.query], ["datasource", "datasource", "prometheus"]);
  const panels = dashboard.panels.filter(({ type }: { type: string }) => type !== "row");
  assert(panels.length > 15);
  for (const { title, datasource, targets } of panels) {
    assertEquals(datasource.uid, "${datasource}", title);
    for (const { expr } of targets) assert(expr.includes("ipcascade_"), title);
  }
  const ids = dashboard.panels.map(({ id }: { id: number }) => id);
  assertEquals(new Set(ids).size, ids.length);
});

for (
  const args of [
    ["check", "rules", "rules.yml"],
    ["test", "rules", "rules_test.yml"],
    ["check", "config", "--syntax-only", "prometheus.yml"],
  ]
) {
  Deno.test(`promtool ${args.join(" ")} finds nothing wrong`, async () => {
    const file = new URL(args.at(-1)!, PLACE).pathname;
    const result = await runPromtool([...args.slice(0, -1), file]);
    if (result !== null) assertEquals(result.code, 0, result.output);
  });
}
