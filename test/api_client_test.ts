import { assertEquals } from "@std/assert";
import { createClient } from "@ipcascade/api";
import { openApiWorld } from "./api_world.ts";

Deno.test("createClient() gives typed answers", async (t) => {
  await using world = await openApiWorld();
  const client = createClient(world.address);
  await t.step("of a record", async () => {
    const response = await client.v1.ips[":ip"].$get({ param: { ip: "8.8.8.8" }, query: { offline: "1" } });
    if (response.status !== 200) throw new Error(`it answered ${response.status}`);
    const { asn_number, enrichment } = await response.json();
    const asn: number | null = asn_number;
    assertEquals([asn, enrichment.maxmind?.country_code], [15169, "US"]);
  });
  await t.step("of health and quota", async () => {
    const health = await client.v1.health.$get({ query: {} });
    const report = await health.json();
    // With `format=nagios` it would be.
    if (typeof report === "string") throw new Error(report);
    const { status, failing } = report;
    const words: readonly ("pass" | "warn" | "fail")[] = ["pass", "warn", "fail"];
    assertEquals([words.includes(status), Array.isArray(failing)], [true, true]);
    const order = { limit: 100, period: "day" } as const;
    const changed = await client.v1.quota.$put({ json: order });
    if (changed.status !== 200) throw new Error(`it answered ${changed.status}`);
    const limit: number = (await changed.json()).after.limit;
    assertEquals(limit, 100);
    const quota = await client.v1.quota.$get();
    if (quota.status !== 200) throw new Error(`it answered ${quota.status}`);
    assertEquals((await quota.json()).remaining, 100);
  });
  await t.step("of a job and its runs, as the page of the API shows it", async () => {
    const { runs } = client.v1.jobs[":name"];
    const begun = await runs.$post({ param: { name: "check-quota" }, header: {} });
    if (begun.status !== 202) throw new Error(`it answered ${begun.status}`);
    const { job } = await begun.json();
    const listed = await runs.$get({ param: { name: "check-quota" }, query: { limit: "5" } });
    if (listed.status !== 200) throw new Error(`it answered ${listed.status}`);
    assertEquals([job, (await listed.json()).runs.length], ["check-quota", 1]);
  });
  await t.step("of a diagnosis that there is not: a problem", async () => {
    const response = await client.v1.diagnostics[":topic"].$get({ param: { topic: "weather" } });
    if (response.status !== 404) throw new Error(`it answered ${response.status}`);
    const { code } = await response.json();
    assertEquals(code, "UNKNOWN_TOPIC");
  });
  await t.step("and refuses while types are checked what is not there", () => {
    // @ts-expect-error -- There is no such route.
    const missing = client.v1.weather;
    // @ts-expect-error -- Quotas have no such period.
    const wrong = () => client.v1.quota.$put({ json: { limit: 1, period: "year" } });
    assertEquals([typeof missing, typeof wrong], ["function", "function"]);
  });
});
