import { assertEquals, assertMatch, assertNotEquals, assertStringIncludes } from "@std/assert";
import type { IpRecord, OutputRecord } from "@ipcascade/core";
import { openPgliteDatabase } from "@ipcascade/platform";
import { type CliWorld, openCliWorld, readRecords } from "./run_cli.ts";

const FIVE = ["8.8.8.8", "2001:4860:4860::8888", "::ffff:1.1.1.1", "10.0.0.1", "not-an-ip"];

Deno.test("enrich answers five inputs in order, stores the good ones and asks nobody again", async () => {
  await using world = await openCliWorld();
  const first = await world.run(["enrich", ...FIVE, "--format", "json"]);
  const records = readRecords(first);
  assertEquals(first.code, 3, first.stderr);
  assertEquals(records.map((record) => record.input), FIVE);
  assertEquals(records.map((record) => "error" in record ? record.error.code : record.scope), [
    "global",
    "global",
    "global",
    "private",
    "INVALID_ADDRESS",
  ]);
  const [google, googleV6, cloudflare, local, bad] = records as [
    IpRecord,
    IpRecord,
    IpRecord,
    IpRecord,
    OutputRecord,
  ];
  assertEquals([google.asn_number, google.geo_country, google.enrichment.greynoise?.riot], [
    15169,
    "US",
    true,
  ]);
  assertEquals([googleV6.asn_number, googleV6.geo_country], [15169, "US"]);
  assertEquals([cloudflare.ip_address, cloudflare.asn_number], ["1.1.1.1", 13335]);
  assertEquals(local.enrichment._meta.sources, {});
  assertStringIncludes(JSON.stringify(bad), '\\"not-an-ip\\"');
  const asked = world.lab.requests.of("greynoise").flatMap((request) => request.addresses ?? []);
  assertEquals(asked.toSorted(), ["1.1.1.1", "8.8.8.8"]);

  const rows = await readRows(world, "select host(ip_address) as ip from ip_inventory order by ip_address");
  assertEquals(rows.map((row) => row.ip), ["1.1.1.1", "8.8.8.8", "2001:4860:4860::8888"]);

  world.lab.requests.reset();
  const second = await world.run(["enrich", ...FIVE.slice(0, 3), "--format", "json"]);
  assertEquals(second.code, 0, second.stderr);
  assertEquals(countRequests(world), 0);
  const again = readRecords(second) as IpRecord[];
  assertEquals(again.map((record) => record.from_inventory), [true, true, true]);
  const expected = [google, googleV6, cloudflare].map((record) => ({ ...record, from_inventory: true }));
  assertEquals(again, expected, "what is read back is what was printed");
});

Deno.test("enrich asks GreyNoise again after 8 days and leaves the row's Cymru answer alone", async () => {
  await using world = await openCliWorld({ editions: false });
  const first = readRecords(await world.run(["enrich", "8.8.8.8", "--format", "json"]))[0] as IpRecord;
  assertEquals(first.asn_source, "cymru");
  await readRows(
    world,
    `update ip_inventory set scanner_ts = now() - interval '8 days',
      greynoise_attempted_at = now() - interval '8 days' returning 1`,
  );
  world.lab.requests.reset();
  const second = readRecords(await world.run(["enrich", "8.8.8.8", "--format", "json"]))[0] as IpRecord;
  assertEquals([world.lab.requests.greynoiseRequests, world.lab.requests.dnsQueries], [1, 0]);
  assertEquals(second.enrichment.cymru, first.enrichment.cymru);
  assertEquals(second.enrichment_ts, first.enrichment_ts);
  assertNotEquals(second.enrichment.greynoise?.checked_at, first.enrichment.greynoise?.checked_at);
});

Deno.test("enrich without editions says so once, with the command that mends it, and asks the others", async () => {
  await using world = await openCliWorld({ editions: false });
  const result = await world.run(["enrich", "8.8.8.8", "1.1.1.1", "--format", "ndjson"]);
  assertEquals(result.code, 0, result.stderr);
  assertEquals(result.stderr.split("ipcascade editions update").length - 1, 1, result.stderr);
  const [record] = readRecords(result) as IpRecord[];
  assertEquals(record?.enrichment._meta.sources.maxmind?.reason, "no_edition");
  assertEquals(record?.asn_source, "cymru");
});

Deno.test("enrich ends in time when Cymru is silent and GreyNoise limits, and the next run sends nothing", async () => {
  await using world = await openCliWorld();
  world.lab.setFault("cymruWhois", { kind: "drop" });
  world.lab.setFault("greynoise", {
    kind: "status",
    status: 429,
    body: '{"plan":"Community","rate_limit":"25-W"}',
  });
  const addresses = ["8.8.8.8", ...Array.from({ length: 30 }, (_, i) => `5.77.${i}.9`)];
  const env = { CYMRU_TIMEOUT: "1s" };
  const started = performance.now();
  const first = await world.run(["enrich", ...addresses, "--format", "ndjson"], { env });
  assertEquals(performance.now() - started < 29_000, true, "a timeout for each would take longer");
  assertEquals(first.code, 3, first.stderr);
  const records = readRecords(first) as IpRecord[];
  assertEquals(records[0]?.asn_number, 15169, "MaxMind's facts are stored");
  assertEquals(records[1]?.enrichment._meta.sources.cymru?.reason, "timeout");
  const [state] = await readRows(
    world,
    "select circuit_open_until > now() as is_open from source_state where source = 'cymru'",
  );
  assertEquals(state?.is_open, true);
  const [ledger] = await readRows(
    world,
    "select quota_limit::int as quota, closed_until > now() as is_closed from quota_ledger where source = 'greynoise' and quota_limit = 25",
  );
  assertEquals([ledger?.quota, ledger?.is_closed], [25, true]);

  world.lab.requests.reset();
  const second = await world.run(["enrich", ...addresses, "5.78.0.1", "5.78.0.2", "--format", "ndjson"], {
    env,
  });
  assertEquals(countRequests(world), 0, second.stderr);
  const last = (readRecords(second) as IpRecord[]).at(-1);
  assertEquals(last?.enrichment._meta.sources.cymru?.reason, "circuit_open");
  assertEquals(last?.enrichment._meta.sources.greynoise?.reason, "quota_exhausted");
  assertMatch(last?.enrichment._meta.sources.greynoise?.until ?? "", /^\d{4}-.*Z$/);
});

Deno.test("enrich keeps the GreyNoise key out of everything it writes", async () => {
  await using world = await openCliWorld();
  const key = "gn-secret-4711-abcdef";
  world.lab.setFault("greynoise", { kind: "status", status: 401, body: `bad key ${key}` });
  const env = { GREYNOISE_API_KEY: key };
  const result = await world.run(["enrich", "8.8.8.8", "--verbose", "--format", "json"], { env });
  assertEquals(`${result.stdout}${result.stderr}`.includes(key), false);
  assertEquals(world.lab.requests.of("greynoise")[0]?.key, key);
  const config = await world.run(["config"], { env });
  assertEquals(`${config.stdout}${config.stderr}`.includes(key), false);
});

function countRequests(world: CliWorld): number {
  const { cymruConnections, dnsQueries, greynoiseRequests } = world.lab.requests;
  return cymruConnections + dnsQueries + greynoiseRequests;
}

async function readRows(world: CliWorld, text: string): Promise<Record<string, unknown>[]> {
  const database = await openPgliteDatabase(world.dir.join("data"));
  try {
    return await database.query<Record<string, unknown>>(text);
  } finally {
    await database.close();
  }
}
