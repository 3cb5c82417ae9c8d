import { emptyRow, type InventoryRow, type OutcomeStatus } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { createSqlInventoryStore } from "../inventory_store.ts";
import { createSqlSessionStore } from "../session_store.ts";
import type { SqlClient } from "../sql_client.ts";
import type { ContractCase } from "../../testkit/contract.ts";
import { maxmindRow, NOON, stateOf } from "./rows.ts";
import { readActivity } from "./session_cases.ts";
import { sessionFragment, START_US } from "./session_contract.ts";

const IP = "203.0.113.1";
const FILTER = { minCommands: 10, minDownloads: 5, minDurationS: 300 };

/** Where sessions and enrichment meet. */
export const ACTIVITY_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "saveMany() fills a row that an import made and leaves its activity alone",
    run: async (sql) => {
      const inventory = createSqlInventoryStore(sql);
      await createSqlSessionStore(sql).importFragments([sessionFragment("a", ["login", "login"])]);
      const made = (await inventory.findMany([IP])).get(IP);
      const [firstSeenAt, lastSeenAt] = [Math.round(START_US / 1000), Math.round(START_US / 1000) + 1000];
      assertEquals(made, { ...emptyRow(IP, "global"), observationCount: 1, firstSeenAt, lastSeenAt });
      const before = await readActivity(sql);
      assertEquals(
        await inventory.saveMany([{ ...maxmindRow(IP, 64500), observationCount: 99, lastSeenAt: NOON }]),
        [],
      );
      assertEquals(await readActivity(sql), before.map((row) => ({ ...row as object, revision: 1 })));
    },
  },
  {
    name: "findMany() and findStates() read each field that most rows have nothing of",
    run: async (sql) => {
      const inventory = createSqlInventoryStore(sql);
      await inventory.saveMany([emptyRow(IP, "global")]);
      const plain = (await inventory.findMany([IP])).get(IP)!;
      const [at, instant] = [NOON, new Date(NOON).toISOString()];
      const { maxmind, cymru, greynoise } = plain.attempts;
      const fields: Readonly<Record<string, [set: string, row: Partial<InventoryRow>]>> = {
        is_scanner: ["true", { isScanner: true }],
        observation_count: ["7", { observationCount: 7 }],
        scanner_ts: [instant, { scannerAt: at }],
        first_seen_at: [instant, { firstSeenAt: at }],
        last_seen_at: [instant, { lastSeenAt: at }],
        maxmind_attempted_at: [instant, attempts({ maxmind: { ...maxmind, attemptedAt: at } })],
        maxmind_retry_at: [instant, attempts({ maxmind: { ...maxmind, retryAt: at } })],
        maxmind_failures: ["2", attempts({ maxmind: { ...maxmind, failures: 2 } })],
        cymru_attempted_at: [instant, attempts({ cymru: { ...cymru, attemptedAt: at } })],
        cymru_retry_at: [instant, attempts({ cymru: { ...cymru, retryAt: at } })],
        cymru_failures: ["3", attempts({ cymru: { ...cymru, failures: 3 } })],
        greynoise_attempted_at: [instant, attempts({ greynoise: { ...greynoise, attemptedAt: at } })],
        greynoise_retry_at: [instant, attempts({ greynoise: { ...greynoise, retryAt: at } })],
        greynoise_failures: ["4", attempts({ greynoise: { ...greynoise, failures: 4 } })],
        cymru_outcome: ["miss", attempts({ cymru: { ...cymru, outcome: "miss" } })],
      };
      function attempts(changed: Partial<InventoryRow["attempts"]>): Partial<InventoryRow> {
        return { attempts: { ...plain.attempts, ...changed } };
      }
      for (const [name, [value, changed]] of Object.entries(fields)) {
        await sql.query(`update ip_inventory set ${name} = '${value}'`);
        assertEquals((await inventory.findMany([IP])).get(IP), { ...plain, ...changed }, name);
        assertEquals(await inventory.findStates([IP]), [{
          state: stateOf({ ...plain, ...changed }),
          addresses: [IP],
        }], name);
        await sql.query(`update ip_inventory set ${name} = default`);
      }
    },
  },
  {
    name: "importFragments() leaves enrichment and revision alone",
    run: async (sql) => {
      const inventory = createSqlInventoryStore(sql);
      await inventory.saveMany([maxmindRow(IP, 64500)]);
      const before = (await inventory.findMany([IP])).get(IP)!;
      const counts = await createSqlSessionStore(sql).importFragments([sessionFragment("a", ["login"])]);
      assertEquals(counts.newAddresses, 0);
      const seenAt = Math.round(START_US / 1000);
      const after = { ...before, observationCount: 1, firstSeenAt: seenAt, lastSeenAt: seenAt };
      assertEquals((await inventory.findMany([IP])).get(IP), after);
    },
  },
  {
    name: "findActive() finds addresses with a session at or above one of the thresholds",
    run: async (sql) => {
      const kinds = (kind: "command" | "download", count: number) =>
        Array.from({ length: count }, () => kind);
      const cases = [
        ["::102:304", kinds("command", 10), null, true],
        ["203.0.113.2", kinds("command", 9), 299_999, false],
        ["203.0.113.3", kinds("download", 5), null, true],
        ["203.0.113.4", kinds("download", 4), null, false],
        ["203.0.113.5", kinds("command", 1), 300_000, true],
        ["203.0.113.6", kinds("command", 2), null, false],
      ] as const;
      await createSqlSessionStore(sql).importFragments([
        ...cases.map(([sourceIp, events, durationMs]) =>
          sessionFragment(sourceIp, events, { sourceIp, durationMs })
        ),
        // Nobody told how long this one lasted, but its events are 300 s apart.
        sessionFragment("open", [], {
          sourceIp: "203.0.113.7",
          events: [{ kind: "other", atUs: START_US }, { kind: "other", atUs: START_US + 300_000_000 }],
        }),
        // Two sessions below the thresholds don't make one above them.
        ...["x", "y"].map((id) => sessionFragment(id, kinds("command", 6), { sourceIp: "203.0.113.8" })),
      ]);
      const addresses = [...cases.map(([address]) => address), "203.0.113.7", "203.0.113.8", "203.0.113.99"];
      const active = await createSqlInventoryStore(sql).findActive(addresses, FILTER);
      const expected = [
        ...cases.filter(([, , , isActive]) => isActive).map(([address]) => address),
        "203.0.113.7",
      ];
      assertEquals([...active].sort(), expected.sort());
    },
  },
  ...snapshotCases(),
  {
    name: "saveSnapshots() keeps the first snapshot when the address moves later",
    run: async (sql) => {
      const [inventory, sessions] = [createSqlInventoryStore(sql), createSqlSessionStore(sql)];
      await sessions.importFragments([sessionFragment("a", ["login"])]);
      await inventory.saveMany([maxmindRow(IP, 64500)]);
      assertEquals(await sessions.saveSnapshots(["a"], NOON), 1);
      await inventory.saveMany([{ ...maxmindRow(IP, 64999), geoCountry: "FR", revision: 1 }]);
      await sessions.importFragments([sessionFragment("a", ["login", "command", "command"])]);
      assertEquals(await sessions.saveSnapshots(["a"], NOON + 1), 0);
      assertEquals(await readSnapshots(sql), [{ id: "a", asn: 64500, country: "DE", at: NOON }]);
    },
  },
  {
    name: "saveSnapshots() writes each session once when many ask at once",
    run: async (sql) => {
      const sessions = createSqlSessionStore(sql);
      const ids = Array.from({ length: 50 }, (_, index) => `s${index}`);
      await sessions.importFragments(ids.map((id) => sessionFragment(id, ["login"])));
      await createSqlInventoryStore(sql).saveMany([maxmindRow(IP, 64500)]);
      const written = await Promise.all(
        [0, 1, 2, 3].map((index) => sessions.saveSnapshots(ids, NOON + index)),
      );
      assertEquals(written.reduce((sum, count) => sum + count), 50);
    },
  },
];

function snapshotCases(): readonly ContractCase<SqlClient>[] {
  const cases: readonly [
    string,
    OutcomeStatus | null,
    OutcomeStatus | null,
    Partial<InventoryRow>,
    boolean,
  ][] = [
    ["nobody was asked", null, null, {}, false],
    ["both sources know of no ASN", "miss", "miss", {}, true],
    ["MaxMind knows the place only and Cymru nothing", "hit", "miss", { geoCountry: "DE" }, true],
    ["Cymru failed", "hit", "failed", { geoCountry: "DE" }, false],
    ["MaxMind failed and Cymru knows nothing", "failed", "miss", {}, false],
    [
      "MaxMind fails, and its older answer has ASN and country",
      "failed",
      "skipped",
      { asnNumber: 64500, asnSource: "maxmind", geoCountry: "DE" },
      true,
    ],
    [
      "MaxMind fails, and only Cymru gave an ASN",
      "failed",
      "hit",
      { asnNumber: 64500, asnSource: "cymru" },
      false,
    ],
  ];
  return cases.map(([label, maxmind, cymru, fields, isDefinite]) => ({
    name: `saveSnapshots() ${isDefinite ? "writes" : "waits"} when ${label}`,
    run: (sql) =>
      checkSnapshot(sql, withOutcomes({ ...emptyRow(IP, "global"), ...fields }, maxmind, cymru), isDefinite),
  } satisfies ContractCase<SqlClient>)).concat({
    name: "saveSnapshots() writes when MaxMind is not installed and Cymru knows nothing",
    run: (sql) => {
      const row = withOutcomes(emptyRow(IP, "global"), "skipped", "miss");
      const provenance = {
        outcome: "skipped",
        reason: "no_edition",
        checked_at: "",
        duration_ms: 0,
      } as const;
      const meta = { version: 1, sources: { maxmind: provenance } };
      return checkSnapshot(sql, { ...row, enrichment: { ...row.enrichment, _meta: meta } }, true);
    },
  });
}

function withOutcomes(
  row: InventoryRow,
  maxmind: OutcomeStatus | null,
  cymru: OutcomeStatus | null,
): InventoryRow {
  const { attempts } = row;
  return {
    ...row,
    attempts: {
      ...attempts,
      maxmind: { ...attempts.maxmind, outcome: maxmind },
      cymru: { ...attempts.cymru, outcome: cymru },
    },
  };
}

async function checkSnapshot(sql: SqlClient, row: InventoryRow, isDefinite: boolean): Promise<void> {
  const sessions = createSqlSessionStore(sql);
  await sessions.importFragments([sessionFragment("a", ["login"])]);
  await createSqlInventoryStore(sql).saveMany([row]);
  assertEquals(await sessions.saveSnapshots(["a"], NOON), isDefinite ? 1 : 0);
  const expected = { id: "a", asn: row.asnNumber, country: row.geoCountry, at: NOON };
  assertEquals(await readSnapshots(sql), isDefinite ? [expected] : []);
}

async function readSnapshots(sql: SqlClient) {
  const rows = await sql.query<{ id: string; asn: number | null; country: string | null; at: number }>(
    `select session_id as id, snapshot_asn::int as asn, snapshot_country as country,
      date_part('epoch', snapshot_at) * 1000 as at
    from sessions where snapshot_at is not null`,
  );
  return rows.map((row) => ({ ...row, at: Math.round(row.at) }));
}
