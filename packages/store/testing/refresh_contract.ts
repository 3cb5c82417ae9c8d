import {
  ALL_ROWS,
  type CymruAnswer,
  type DueQuery,
  emptyRow,
  formatInstant,
  FRESH_DAYS,
  type GreynoiseAnswer,
  type InstalledEditions,
  type InventoryRow,
  type LookupOutcome,
  type MaxmindAnswer,
  mergeOutcomes,
  MS_PER_DAY,
  neverSeen,
  type RefreshStore,
  type RemoteSource,
  type SourceAnswer,
  type SourceName,
  type SourceUpdate,
  updateFrom,
} from "@ipcascade/core";
import { assert, assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { createSqlInventoryStore } from "../inventory_store.ts";
import { createSqlRefreshStore } from "../refresh_store.ts";
import type { SqlClient } from "../sql_client.ts";
import { findMiscounts } from "./recount.ts";
import { cymruRow, maxmindRow, NOON } from "./rows.ts";

const QUERY: DueQuery = { now: NOON, filter: ALL_ROWS, force: false };
const INSTALLED: InstalledEditions = { cityBuildEpoch: 1_796_000_000, asnBuildEpoch: 1_796_000_001 };
const ALL = { after: null, limit: 100 };

/** A clock of the machine: claims go by the database's clock anyway. */
const CLOCK = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      const timer = setTimeout(resolve, ms);
      signal?.addEventListener("abort", () => {
        clearTimeout(timer);
        reject(signal.reason);
      }, { once: true });
    }),
};

function open(sql: SqlClient) {
  return { store: createSqlRefreshStore({ sql, clock: CLOCK }), inventory: createSqlInventoryStore(sql) };
}

/** A row that GreyNoise answered so many days ago. */
function greynoiseRow(ipAddress: string, days: number, activity = 0): InventoryRow {
  const at = NOON - days * MS_PER_DAY;
  const row = emptyRow(ipAddress, "global");
  return {
    ...row,
    isScanner: true,
    scannerAt: at,
    observationCount: activity,
    attempts: { ...row.attempts, greynoise: { outcome: "hit", attemptedAt: at, retryAt: null, failures: 0 } },
    enrichment: { ...row.enrichment, greynoise: { ...neverSeen(formatInstant(at)), noise: true } },
  };
}

/** A row that Cymru answered so many days ago. */
function oldCymruRow(ipAddress: string, days: number): InventoryRow {
  const at = NOON - days * MS_PER_DAY;
  const row = cymruRow(ipAddress, 64_501, { registry: "ripencc", country: "DE" });
  return {
    ...row,
    enrichmentAt: at,
    attempts: { ...row.attempts, cymru: { outcome: "hit", attemptedAt: at, retryAt: null, failures: 0 } },
  };
}

function failedRow(source: RemoteSource, ipAddress: string, retryAt: number): InventoryRow {
  const row = emptyRow(ipAddress, "global");
  const attempt = { outcome: "failed" as const, attemptedAt: NOON - 1_000, retryAt, failures: 2 };
  return { ...row, attempts: { ...row.attempts, [source]: attempt } };
}

async function listAll(store: RefreshStore, source: RemoteSource, query = QUERY): Promise<readonly string[]> {
  return (await store.listDue(source, query, ALL)).addresses;
}

const GREYNOISE: GreynoiseAnswer = {
  noise: true,
  riot: false,
  classification: "malicious",
  name: 'Mirai "x" \u00fc\\',
  last_seen: "2026-11-20",
  checked_at: formatInstant(NOON),
};
const CYMRU: CymruAnswer = {
  asn: 64_777,
  asns: [64_777, 64_778],
  asn_org: "EXAMPLE Ü",
  country_code: "FR",
  registry: "ripencc",
  prefix: "203.0.113.0/24",
  allocated: "2001-02-03",
  checked_at: formatInstant(NOON),
};
const MAXMIND: MaxmindAnswer = {
  country_code: "FR",
  country_name: "France",
  city: "Besançon",
  latitude: 47.2378,
  longitude: 6.0241,
  accuracy_radius: 5,
  asn: 64_999,
  asn_org: "EXAMPLE-FR",
  database_build: formatInstant(1_796_000_000_000),
  checked_at: formatInstant(NOON),
};

function outcomesOf(source: SourceName): readonly LookupOutcome<SourceAnswer>[] {
  const hits: Readonly<Record<SourceName, readonly SourceAnswer[]>> = {
    maxmind: [MAXMIND, { ...MAXMIND, asn: null, asn_org: null }, { ...MAXMIND, country_code: "XX" }],
    cymru: [CYMRU, { ...CYMRU, asn: 64_501, asn_org: null }],
    greynoise: [GREYNOISE, { ...GREYNOISE, noise: false, name: null }],
  };
  return [
    ...hits[source].map((data) => ({ status: "hit" as const, data, durationMs: 12.3456 })),
    { status: "miss", durationMs: 3 },
    { status: "failed", failure: { reason: "timeout", message: "no answer" }, durationMs: 30_000 },
  ];
}

const BEFORE: readonly ((ip: string) => InventoryRow)[] = [
  (ip) => emptyRow(ip, "global"),
  (ip) => maxmindRow(ip, 64_500),
  (ip) => oldCymruRow(ip, 100),
  (ip) => greynoiseRow(ip, 8),
  (ip) => failedRow("greynoise", ip, NOON - 1),
  (ip) => failedRow("cymru", ip, NOON - 1),
];

/** Every state of a row with every outcome of a source. */
async function checkUpdates(sql: SqlClient, source: SourceName): Promise<void> {
  const { store, inventory } = open(sql);
  const expected: InventoryRow[] = [];
  const updates: SourceUpdate[] = [];
  const before: InventoryRow[] = [];
  const options = { now: NOON, random: () => 0.5 };
  const onMiss = source === "greynoise" ? neverSeen(formatInstant(NOON)) : null;
  for (const [at, make] of BEFORE.entries()) {
    for (const [index, outcome] of outcomesOf(source).entries()) {
      const row = make(`192.0.${at}.${index}`);
      before.push(row);
      updates.push(
        updateFrom(row.ipAddress, row.attempts[source].failures, outcome, { ...options, onMiss }),
      );
      const merged = mergeOutcomes(row, { [source]: outcome }, { ...options, installed: INSTALLED });
      expected.push({ ...merged, revision: 2 });
    }
  }
  await inventory.saveMany(before);
  if (source === "maxmind") await store.saveMaxmind(INSTALLED, updates);
  else {
    await using holder = await store.openHolder("tester");
    await store.saveUpdates(holder, source, updates);
  }
  const after = await inventory.findMany(before.map((row) => row.ipAddress));
  for (const row of expected) assertEquals(after.get(row.ipAddress), row);
}

/** What refreshing asks of its store. */
export const REFRESH_CONTRACT: readonly ContractCase<SqlClient>[] = [
  ...(["maxmind", "cymru", "greynoise"] as const).map((source) => ({
    name: `what ${source} said changes a row as merging does, whatever the row was before`,
    run: (sql: SqlClient) => checkUpdates(sql, source),
  })),
  {
    name:
      "saveUpdates() leaves the other sources' stamps and objects and the activity as they are, to the last digit",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([oldCymruRow("192.0.2.1", 3)]);
      // As other programs write them: microseconds, and numbers that JavaScript would write in another way.
      await sql.query(`update ip_inventory set enrichment_ts = '2026-11-20 01:02:03.456789+00',
        cymru_attempted_at = '2026-11-20 01:02:03.456789+00', first_seen_at = '2026-01-01 00:00:00.000001+00',
        last_seen_at = '2026-11-20 00:00:00.000001+00', observation_count = 7,
        enrichment = jsonb_set(enrichment, '{cymru,extra}', '[1.0, 1e2, "\\u00fc"]')`);
      const read =
        `select enrichment_ts::text, cymru_attempted_at::text, first_seen_at::text, last_seen_at::text,
        observation_count::int as count, (enrichment -> 'cymru')::text as cymru, asn_number::int as asn
        from ip_inventory`;
      const before = await sql.query(read);
      await using holder = await store.openHolder("tester");
      const outcome = { status: "hit" as const, data: GREYNOISE, durationMs: 1 };
      const options = { now: NOON, random: () => 0, onMiss: null };
      await store.saveUpdates(holder, "greynoise", [updateFrom("192.0.2.1", 0, outcome, options)]);
      assertEquals(await sql.query(read), before);
      assertEquals((await inventory.findMany(["192.0.2.1"])).get("192.0.2.1")!.isScanner, true);
    },
  },
  {
    name: "rows that others filled oddly are updated and read like all others",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const odd = [
        "{}",
        '{"_meta": {"sources": []}}',
        '{"_meta": {"sources": null}, "address": 7}',
        '{"_meta": [1], "cymru": {"asn": "AS13335"}}',
        '{"cymru": {"asn": 1.5e30}, "address": {"scope": "global"}}',
        '{"cymru": [], "maxmind": "x", "greynoise": 3}',
      ];
      const addresses = odd.map((_, index) => `192.0.2.${index}`);
      const insert =
        "insert into ip_inventory (ip_address, enrichment) values ($1::text::inet, $2::text::jsonb)";
      for (const [index, text] of odd.entries()) await sql.query(insert, [addresses[index]!, text]);
      await using holder = await store.openHolder("tester");
      const options = { now: NOON, random: () => 0, onMiss: null };
      for (const source of ["maxmind", "cymru", "greynoise"] as const) {
        for (const outcome of outcomesOf(source)) {
          const updates = addresses.map((address) => updateFrom(address, 0, outcome, options));
          if (source === "maxmind") await store.saveMaxmind(INSTALLED, updates);
          else await store.saveUpdates(holder, source, updates);
        }
        const mark = { reason: "circuit_open" as const, until: Infinity };
        if (source !== "maxmind") await store.markSkipped(source, { ...QUERY, force: true }, mark, ALL);
      }
      const rows = await inventory.findMany(addresses);
      assertEquals(rows.size, odd.length);
      for (const row of rows.values()) {
        assertEquals(typeof row.enrichment.address.scope, "string");
        assertEquals(row.enrichment._meta.sources.maxmind?.outcome, "failed");
      }
      assertEquals(await inventory.saveMany([...rows.values()]), []);
    },
  },
  {
    name:
      "listDue() gives Cymru's rows that were never asked, are past 90 days, or failed and may be tried again",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        maxmindRow("192.0.2.2", 64_500),
        oldCymruRow("192.0.2.3", FRESH_DAYS.cymru + 0.001),
        oldCymruRow("192.0.2.4", FRESH_DAYS.cymru - 0.001),
        failedRow("cymru", "192.0.2.5", NOON - 1),
        failedRow("cymru", "192.0.2.6", NOON + 1),
        emptyRow("2001:db8::1", "global"),
      ]);
      const due = ["192.0.2.1", "192.0.2.3", "192.0.2.5", "2001:db8::1"];
      assertEquals(await listAll(store, "cymru"), due);
      assertEquals(await store.countDue("cymru", QUERY), due.length);
      assertEquals((await listAll(store, "cymru", { ...QUERY, force: true })).length, 6);
    },
  },
  {
    name: "listDue() gives GreyNoise's rows busiest first, IPv4 alone, in pages without gap or repetition",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const rows = [
        emptyRow("192.0.2.1", "global"),
        greynoiseRow("192.0.2.2", FRESH_DAYS.greynoise + 0.001),
        greynoiseRow("192.0.2.3", FRESH_DAYS.greynoise - 0.001),
        failedRow("greynoise", "192.0.2.4", NOON - 1),
        failedRow("greynoise", "192.0.2.5", NOON + 1),
        maxmindRow("192.0.2.6", 64_500),
        emptyRow("192.0.2.7", "global"),
        emptyRow("2001:db8::1", "global"),
      ];
      await inventory.saveMany(rows);
      await sql.query("update ip_inventory set observation_count = 5 where ip_address = '192.0.2.4'");
      await sql.query(`update ip_inventory set observation_count = 3,
        last_seen_at = '2026-11-01 00:00:00.000002+00' where ip_address = '192.0.2.1'`);
      await sql.query(`update ip_inventory set observation_count = 3,
        last_seen_at = '2026-11-01 00:00:00.000001+00' where ip_address in ('192.0.2.2', '192.0.2.7')`);
      const pages: string[][] = [];
      let after: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof store.listDue>> = await store.listDue("greynoise", QUERY, {
          after,
          limit: 2,
        });
        pages.push([...page.addresses]);
        after = page.next;
      } while (after !== null);
      assertEquals(pages, [["192.0.2.4", "192.0.2.1"], ["192.0.2.7", "192.0.2.2"], []]);
    },
  },
  {
    name: "a row whose public stamp was set back is due, and one that others stamped is not",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([
        greynoiseRow("192.0.2.1", 1),
        emptyRow("192.0.2.2", "global"),
        oldCymruRow("192.0.2.3", 1),
      ]);
      await sql.query(
        `update ip_inventory set scanner_ts = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.1'`,
        [NOON - 8 * MS_PER_DAY],
      );
      await sql.query(
        `update ip_inventory set scanner_ts = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.2'`,
        [NOON - MS_PER_DAY],
      );
      await sql.query(
        `update ip_inventory set enrichment_ts = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.3'`,
        [NOON - 91 * MS_PER_DAY],
      );
      assertEquals(await listAll(store, "greynoise"), ["192.0.2.3", "192.0.2.1"]);
      assertEquals(await listAll(store, "cymru"), ["192.0.2.1", "192.0.2.2", "192.0.2.3"]);
    },
  },
  {
    name: "listDue() keeps to the filter",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const old = { asnNumber: 64_501, geoCountry: "DE" };
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        { ...oldCymruRow("192.0.2.2", 100), geoCountry: "DE" },
        { ...oldCymruRow("198.51.100.1", 100), geoCountry: "FR" },
        emptyRow("2001:db8::1", "global"),
      ]);
      await sql.query(
        "update ip_inventory set last_seen_at = to_timestamp($1::float8 / 1000) where ip_address = '192.0.2.2'",
        [NOON - MS_PER_DAY],
      );
      const list = (filter: Partial<typeof ALL_ROWS>) =>
        listAll(store, "cymru", { ...QUERY, filter: { ...ALL_ROWS, ...filter } });
      assertEquals(await list({ country: old.geoCountry }), ["192.0.2.2"]);
      assertEquals(await list({ asn: old.asnNumber }), ["192.0.2.2", "198.51.100.1"]);
      assertEquals(await list({ missingAsn: true }), ["192.0.2.1", "2001:db8::1"]);
      assertEquals(await list({ activeSince: NOON - MS_PER_DAY }), ["192.0.2.2"]);
      assertEquals(await list({ activeSince: NOON - MS_PER_DAY + 1 }), []);
      assertEquals(await list({ networks: ["192.0.2.0/24"] }), ["192.0.2.1", "192.0.2.2"]);
      assertEquals(await list({ networks: ["192.0.2.2", "2001:db8::/32"] }), ["192.0.2.2", "2001:db8::1"]);
      assertEquals(await list({ networks: [] }), []);
    },
  },
  {
    name: "two workers never hold the same row, and a row that is done is not claimed again",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
      await inventory.saveMany(addresses.map((ip) => emptyRow(ip, "global")));
      await using one = await store.openHolder("one");
      await using two = await store.openHolder("two");
      const claim = (holder: typeof one, wanted: readonly string[]) =>
        store.claim(holder, "greynoise", QUERY, { addresses: wanted, limit: 2 }).then((rows) =>
          rows.map((row) => row.ipAddress)
        );
      assertEquals(await claim(one, addresses.slice(0, 2)), addresses.slice(0, 2));
      assertEquals(await claim(one, addresses.slice(0, 2)), [], "its own neither");
      assertEquals(await claim(two, ["192.0.2.3", "192.0.2.2"]), ["192.0.2.3"]);
      assertEquals(await listAll(store, "greynoise"), ["192.0.2.4"]);
      assertEquals(await listAll(store, "cymru"), addresses, "claims are by source");
      assertEquals(
        [await store.countHeld("greynoise", QUERY, one), await store.countHeld("greynoise", QUERY, two)],
        [1, 2],
      );
      const outcome = { status: "miss" as const, durationMs: 1 };
      const update = updateFrom("192.0.2.1", 0, outcome, { now: NOON, random: () => 0, onMiss: null });
      await store.saveUpdates(one, "greynoise", [update]);
      assertEquals(await claim(two, ["192.0.2.1"]), [], "it is not due any more");
      assertEquals(await claim(two, ["192.0.2.1", "192.0.2.2", "192.0.2.4"]), ["192.0.2.4"]);
      await store.release(two, "greynoise", ["192.0.2.4"]);
      await store.release(one, "greynoise", ["192.0.2.2"]);
      assertEquals(await claim(two, ["192.0.2.2"]), ["192.0.2.2"]);
      const [claims] = await sql.query<{ count: number }>("select count(*)::int as count from work_claim");
      assertEquals(claims!.count, 2, "a row that was not due is given back at once");
    },
  },
  {
    name: "the rows of a worker that is gone are free again, and one that was taken for gone may come back",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([emptyRow("192.0.2.1", "global"), emptyRow("192.0.2.2", "global")]);
      await using gone = await store.openHolder("gone");
      assertEquals(
        (await store.claim(gone, "cymru", QUERY, { addresses: ["192.0.2.1"], limit: 9 })).length,
        1,
      );
      await sql.query("update work_holder set expires_at = clock_timestamp() - interval '1 second'");
      assertEquals(await listAll(store, "cymru"), ["192.0.2.1", "192.0.2.2"]);
      await using other = await store.openHolder("other");
      assertEquals(
        (await store.claim(other, "cymru", QUERY, { addresses: ["192.0.2.1"], limit: 9 })).length,
        1,
      );
      const [left] = await sql.query<{ owners: string }>(
        "select string_agg(owner, ',') as owners from work_holder",
      );
      assertEquals(left!.owners, "other");
      assertEquals(
        (await store.claim(gone, "cymru", QUERY, { addresses: ["192.0.2.1", "192.0.2.2"], limit: 9 })).length,
        1,
      );
    },
  },
  {
    name: "disposing a holder gives its rows back",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([emptyRow("192.0.2.1", "global")]);
      {
        await using holder = await store.openHolder("short");
        await store.claim(holder, "cymru", QUERY, { addresses: ["192.0.2.1"], limit: 1 });
        assertEquals(await listAll(store, "cymru"), []);
      }
      assertEquals(await listAll(store, "cymru"), ["192.0.2.1"]);
    },
  },
  {
    name: "markSkipped() says in the rows why they wait and until when, and stamps nothing",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        greynoiseRow("192.0.2.2", 8),
        failedRow("greynoise", "192.0.2.3", NOON - 1),
        greynoiseRow("192.0.2.4", 1),
      ]);
      const addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"];
      const before = await inventory.findMany(addresses);
      const until = NOON + 12 * 3_600_000;
      const mark = { reason: "quota_exhausted" as const, until };
      const first = await store.markSkipped("greynoise", QUERY, mark, { after: null, limit: 2 });
      const second = await store.markSkipped("greynoise", QUERY, mark, { after: first.next, limit: 2 });
      assertEquals([first.marked, second.marked, second.next], [2, 1, null]);
      const after = await inventory.findMany(addresses);
      for (const ip of addresses.slice(0, 3)) {
        assertEquals(after.get(ip)!.enrichment._meta.sources.greynoise, {
          outcome: "skipped",
          reason: "quota_exhausted",
          checked_at: formatInstant(NOON),
          duration_ms: 0,
          until: formatInstant(until),
        });
        assertEquals(after.get(ip)!.scannerAt, before.get(ip)!.scannerAt);
      }
      const never = after.get("192.0.2.1")!.attempts.greynoise;
      assertEquals([never.outcome, never.attemptedAt, never.retryAt], ["skipped", null, until]);
      assertEquals(after.get("192.0.2.2")!.attempts.greynoise, before.get("192.0.2.2")!.attempts.greynoise);
      assertEquals(after.get("192.0.2.3")!.attempts.greynoise, before.get("192.0.2.3")!.attempts.greynoise);
      assertEquals(after.get("192.0.2.4"), before.get("192.0.2.4"), "a fresh row is none of its business");
      assertEquals((await store.markSkipped("greynoise", QUERY, mark, ALL)).marked, 0, "they say so already");
      assertEquals((await listAll(store, "greynoise")).length, 3, "they are still due");
    },
  },
  {
    name:
      "readOutdated() takes rows of older, newer and no builds, each once, and failed ones when they are due",
    run: async (sql) => {
      const { store, inventory } = open(sql);
      const current = { ...INSTALLED };
      const failed = { outcome: "failed" as const, attemptedAt: NOON - 1, failures: 1 };
      const withFailure = (ip: string, retryAt: number) => {
        const row = { ...maxmindRow(ip, 64_500), ...current };
        return { ...row, attempts: { ...row.attempts, maxmind: { ...failed, retryAt } } };
      };
      await inventory.saveMany([
        emptyRow("192.0.2.1", "global"),
        maxmindRow("192.0.2.2", 64_500),
        { ...maxmindRow("192.0.2.3", 64_500), ...current },
        { ...maxmindRow("192.0.2.4", 64_500), cityBuildEpoch: 1_797_000_000, asnBuildEpoch: 1_797_000_001 },
        { ...maxmindRow("192.0.2.5", 64_500), ...current, asnBuildEpoch: null },
        withFailure("192.0.2.6", NOON - 1),
        withFailure("192.0.2.7", NOON + 1),
      ]);
      assertEquals(await store.countOutdated(INSTALLED, QUERY), 5);
      const read: string[] = [];
      let after: string | null = null;
      let pages = 0;
      do {
        const page: { read: number; next: string | null } = await store.readOutdated(
          INSTALLED,
          QUERY,
          { after, limit: 2 },
          (rows) =>
            rows.map(({ ipAddress, failures }) => {
              read.push(ipAddress);
              const outcome: LookupOutcome<SourceAnswer> = ipAddress === "192.0.2.2"
                ? { status: "failed", failure: { reason: "corrupt", message: "damaged" }, durationMs: 1 }
                : { status: "hit", data: MAXMIND, durationMs: 1 };
              return updateFrom(ipAddress, failures, outcome, { now: NOON, random: () => 0, onMiss: null });
            }),
        );
        after = page.next;
        assert(++pages < 10, "it does not end");
      } while (after !== null);
      assertEquals(read.sort(), ["192.0.2.1", "192.0.2.2", "192.0.2.4", "192.0.2.5", "192.0.2.6"]);
      const rows = await inventory.findMany(read);
      const broken = rows.get("192.0.2.2")!;
      assertEquals(
        [broken.asnNumber, broken.cityBuildEpoch],
        [64_500, 1_795_000_000],
        "its older answer stays",
      );
      assertEquals(rows.get("192.0.2.6")!.asnNumber, 64_999);
      assertEquals(await store.countOutdated(INSTALLED, QUERY), 0, "the failed one waits");
      assertEquals(await store.countOutdated(INSTALLED, { ...QUERY, now: NOON + MS_PER_DAY }), 2);
      const [moved] = await sql.query<{ count: number }>(
        "select count(*)::int as count from ip_asn_history where asn_number = 64500 and valid_to is not null",
      );
      assertEquals(moved!.count, 3, "an address that moves leaves its trace");
      assertEquals(await findMiscounts(sql), [], "the counters are those of a recount");
    },
  },
];
