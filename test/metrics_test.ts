import { createSqlJobRuns } from "@ipcascade/store";
import { MS_PER_DAY } from "@ipcascade/core";
import { type EditionOptions, openPostgresServer } from "@ipcascade/testkit";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { connectServer } from "../packages/store/testing/databases.ts";
import { type ApiWorld, openApiWorld } from "./api_world.ts";
import { checkMetrics, readSamples, scrape, scrapeKnown } from "./metrics_world.ts";

/** Editions that are no reason for a grade today. */
function freshEditions(): EditionOptions {
  return { buildEpoch: new Date(Date.now() - MS_PER_DAY) };
}

/** What every answer has whatever was asked before, on either database. */
async function checkFirstAnswers(world: ApiWorld): Promise<void> {
  await (await world.fetch("/v1/ips/8.8.8.8")).text();
  await (await world.fetch("/v1/ips/8.8.8.8?offline=1")).text();
  await (await world.fetch("/v1/ips/999.1.1.1")).text();
  await (await world.fetch("/no/such/203.0.113.77", { method: "PROPFIND" })).text();
  const text = await scrapeKnown(world);
  const samples = readSamples(text);
  const expected = {
    'ipcascade_build_info{version="0.1.0",runtime="Deno/': 1,
    "ipcascade_database_up": 1,
    "ipcascade_inventory_rows": 1,
    "ipcascade_inventory_global_addresses_with_asn": 1,
    'ipcascade_inventory_enriched{source="maxmind"}': 1,
    'ipcascade_inventory_failed{source="greynoise"}': 0,
    'ipcascade_quota_used{source="greynoise"}': 1,
    'ipcascade_quota_remaining{source="greynoise"}': 9_999,
    'ipcascade_circuit_state{source="cymru"}': 0,
    'ipcascade_edition_grade{edition="GeoLite2-City",kind="city"}': 0,
    'ipcascade_source_requests_total{source="greynoise",channel="http",outcome="answered"}': 1,
    'ipcascade_source_addresses_total{source="maxmind",channel="local",outcome="answered"}': 2,
    'ipcascade_http_requests_total{method="GET",route="/v1/ips/:ip",status="2xx"}': 2,
    'ipcascade_http_requests_total{method="GET",route="/v1/ips/:ip",status="4xx"}': 1,
    'ipcascade_http_requests_total{method="other",route="unmatched",status="4xx"}': 1,
    'ipcascade_http_request_duration_seconds_count{method="GET",route="/v1/ips/:ip"}': 3,
    "ipcascade_http_requests_in_flight": 1,
    'ipcascade_job_late{job_name="back-up"}': 0,
  };
  for (const [name, value] of Object.entries(expected)) {
    const found = [...samples].find(([sample]) => sample.startsWith(name));
    assertEquals(found?.[1], value, name);
  }
  for (const absent of ["8.8.8.8", "999.1.1.1", "203.0.113.77", "PROPFIND"]) {
    assert(!text.includes(absent), `${absent} is shown`);
  }
  assert(samples.get("ipcascade_inventory_counted_timestamp_seconds")! > Date.now() / 1_000 - 60);
  await checkMetrics(text);
}

Deno.test("/metrics shows the embedded database, and its type", async () => {
  await using world = await openApiWorld({ editions: freshEditions() });
  await checkFirstAnswers(world);
  const response = await world.fetch("/metrics");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  await response.text();
});

Deno.test("/metrics shows what other processes did on a server, and answers 200 while it is away", async () => {
  await using server = await openPostgresServer();
  const DATABASE_URL = await server.createDatabase();
  await using world = await openApiWorld({ env: { DATABASE_URL }, editions: freshEditions() });
  await checkFirstAnswers(world);
  await recordRuns(DATABASE_URL);
  const samples = readSamples(await scrape(world));
  assertEquals(samples.get('ipcascade_job_last_outcome{job_name="back-up",outcome="failed"}'), 1);
  assertEquals(samples.get('ipcascade_job_last_outcome{job_name="back-up",outcome="succeeded"}'), 0);
  assertEquals(
    samples.get('ipcascade_job_last_success_timestamp_seconds{job_name="back-up"}'),
    1_795_000_060,
  );
  assertEquals(samples.get("ipcascade_backup_last_success_timestamp_seconds"), 1_795_000_000);
  assertEquals(samples.get('ipcascade_job_last_duration_seconds{job_name="back-up"}'), 5);
  assertEquals(samples.get('ipcascade_job_last_items{job_name="back-up",item="rows"}'), 7);
  assertEquals(samples.get('ipcascade_job_grade{job_name="back-up"}'), 2);

  await server[Symbol.asyncDispose]();
  const startedAt = performance.now();
  const away = await scrape(world);
  assert(performance.now() - startedAt < 2_000, `${performance.now() - startedAt} ms`);
  const left = readSamples(away);
  assertEquals(left.get("ipcascade_database_up"), 0);
  assertEquals(left.has("ipcascade_database_latency_seconds"), false);
  assertEquals(left.has('ipcascade_quota_remaining{source="greynoise"}'), false);
  assertEquals(left.get("ipcascade_inventory_rows"), 1);
  assertEquals(left.get('ipcascade_edition_grade{edition="GeoLite2-ASN",kind="asn"}'), 0);
  assert(left.get("ipcascade_process_resident_memory_bytes")! > 1e7);
  await checkMetrics(away);
});

async function recordRuns(url: string): Promise<void> {
  const sql = await connectServer(url);
  const runs = createSqlJobRuns(sql);
  const run = async (id: string, at: number, ms: number, isSound: boolean) => {
    await runs.start({ id, job: "back-up", trigger: "timer", actor: "bob on lab", startedAt: at });
    await runs.end(id, {
      outcome: isSound ? "succeeded" : "failed",
      counts: { rows: 7 },
      error: isSound ? null : { code: "INTERNAL", message: "no" },
      message: null,
      endedAt: at + ms,
    });
  };
  await run("00000000-0000-4000-8000-000000000001", 1_795_000_000_000, 60_000, true);
  await run("00000000-0000-4000-8000-000000000002", 1_795_000_100_000, 5_000, false);
  await sql.close();
}

Deno.test("/metrics is cheap while 32 others ask, and counts the inventory once", async () => {
  await using world = await openApiWorld();
  await (await world.fetch("/v1/ips/8.8.8.8")).text();
  const first = readSamples(await scrapeKnown(world)).get("ipcascade_inventory_counted_timestamp_seconds");
  let isOver = false;
  const lookups: number[] = [];
  const busy = Array.from({ length: 32 }, async () => {
    while (!isOver) {
      await timed(lookups, async () => await (await world.fetch("/v1/ips/8.8.8.8?offline=1")).text());
    }
  });
  const scrapes: number[] = [];
  for (let round = 0; round < 20; round++) {
    const samples = readSamples(await timed(scrapes, () => scrape(world)));
    assertEquals(samples.get("ipcascade_inventory_counted_timestamp_seconds"), first);
  }
  isOver = true;
  await Promise.all(busy);
  // A handful of statements, each of which waits its turn as a look-up does; however slow the machine is just now.
  const limit = Math.max(100, 30 * median(lookups));
  assert(median(scrapes) < limit, `median ${median(scrapes)} ms, of a look-up ${median(lookups)} ms`);
});

async function timed<T>(times: number[], work: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await work();
  times.push(performance.now() - startedAt);
  return result;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

Deno.test("/metrics remembers the grade of the check that somebody asked for", async () => {
  await using world = await openApiWorld({ editions: false });
  const report = await world.operations.checkHealth();
  const samples = readSamples(await scrape(world));
  assertEquals(report.grade, "critical");
  assertEquals(samples.get("ipcascade_health_grade"), 4);
  assertEquals(samples.get('ipcascade_health_check_grade{check="edition_city"}'), 4);
  assertEquals(
    samples.get("ipcascade_health_checked_timestamp_seconds"),
    Date.parse(report.checked_at) / 1_000,
  );
});

Deno.test("/metrics has nothing of a setting's secret, nor of an error", async () => {
  const env = { DATABASE_URL: "postgres://op:hunter2@127.0.0.1:1/nowhere", GREYNOISE_API_KEY: "s3cret-key" };
  await using world = await openApiWorld({ env });
  const text = await scrape(world);
  assertStringIncludes(text, "ipcascade_database_up 0");
  assertMatch(text, /^(# (HELP|TYPE) |ipcascade_)/);
  for (const secret of ["hunter2", "s3cret", "nowhere"]) assert(!text.includes(secret));
});
