import { emptyRow, FRESH_DAYS, MS_PER_DAY } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { createSqlInventoryCensus } from "../inventory_census.ts";
import { createSqlInventoryHealth } from "../inventory_health.ts";
import { createSqlInventoryStore } from "../inventory_store.ts";
import { readSchema } from "../migrate.ts";
import { MIGRATIONS } from "../migrations/mod.ts";
import type { SqlClient } from "../sql_client.ts";
import { failedRow, greynoiseRow, oldCymruRow } from "./refresh_rows.ts";
import { maxmindRow, NOON } from "./rows.ts";

const NOTHING = { cymruStale: 0, greynoiseStale: 0, cymruNeverAsked: 0, greynoiseNeverAsked: 0 };

/** What is read for health. */
export const HEALTH_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "count() counts global addresses and values, not answers",
    run: async (sql) => {
      const health = createSqlInventoryHealth(sql);
      assertEquals((await health.count(NOON)).coverage, { addresses: 0, withAsn: 0, withCountry: 0 });
      await createSqlInventoryStore(sql).saveMany([
        maxmindRow("8.8.8.8", 15169),
        maxmindRow("2001:4860:4860::8888", 15169),
        { ...maxmindRow("9.9.9.9", 19281), geoCountry: null },
        emptyRow("5.5.5.5", "global"),
        emptyRow("192.0.0.9", "global"),
      ]);
      await sql.query(
        `insert into ip_inventory (ip_address, asn_number) values ('10.0.0.1', 1), ('fe80::1', null),
          ('4000::1', null), ('203.0.113.9', null)`,
      );
      assertEquals((await health.count(NOON)).coverage, { addresses: 5, withAsn: 3, withCountry: 2 });
    },
  },
  {
    name: "count() tells old answers from none at all",
    run: async (sql) => {
      const health = createSqlInventoryHealth(sql);
      assertEquals((await health.count(NOON)).stale, NOTHING);
      await createSqlInventoryStore(sql).saveMany([
        oldCymruRow("5.0.0.1", FRESH_DAYS.cymru),
        oldCymruRow("5.0.0.2", FRESH_DAYS.cymru - 1),
        greynoiseRow("5.0.0.3", FRESH_DAYS.greynoise),
        greynoiseRow("5.0.0.4", FRESH_DAYS.greynoise - 1),
        failedRow("cymru", "5.0.0.5", NOON + MS_PER_DAY),
        failedRow("greynoise", "5.0.0.6", NOON - 1),
      ]);
      assertEquals((await health.count(NOON)).stale, {
        cymruStale: 1,
        greynoiseStale: 2,
        cymruNeverAsked: 3,
        greynoiseNeverAsked: 3,
      });
    },
  },
  {
    name: "count() of the census counts all rows, and how asking each source ended",
    run: async (sql) => {
      const none = { hits: 0, misses: 0, failed: 0 };
      const census = createSqlInventoryCensus(sql);
      assertEquals(await census.count(NOON), {
        rows: 0,
        coverage: { addresses: 0, withAsn: 0, withCountry: 0 },
        stale: NOTHING,
        sources: { maxmind: none, cymru: none, greynoise: none },
      });
      await createSqlInventoryStore(sql).saveMany([
        maxmindRow("8.8.8.8", 15169),
        failedRow("cymru", "5.0.0.5", NOON - 1),
        greynoiseRow("5.0.0.3", FRESH_DAYS.greynoise),
      ]);
      await sql.query(
        `insert into ip_inventory (ip_address, maxmind_outcome, asn_number) values ('10.0.0.1', 'miss', 1)`,
      );
      const { rows, coverage, stale, sources } = await census.count(NOON);
      assertEquals([rows, coverage.addresses, coverage.withAsn, coverage.withCountry], [4, 3, 1, 1]);
      assertEquals(stale, (await createSqlInventoryHealth(sql).count(NOON)).stale);
      assertEquals([sources.maxmind, sources.cymru.failed], [{ hits: 1, misses: 1, failed: 0 }, 1]);
      assertEquals(sources.greynoise, { hits: 1, misses: 0, failed: 1 });
    },
  },
  {
    name: "readSchema() tells how the schema stands and changes nothing",
    run: async (sql) => {
      const latest = MIGRATIONS.length;
      const sound = { version: latest, latest, problem: null };
      assertEquals(await readSchema(sql), sound);
      const older = MIGRATIONS.slice(0, -1);
      assertEquals(await readSchema(sql, older), {
        version: latest,
        latest: latest - 1,
        problem:
          `Cannot use the database: its schema is version ${latest}, this program knows ${latest - 1} ` +
          "and is too old",
      });
      const more = [...MIGRATIONS, { version: latest + 1, name: "more", statements: ["select 1"] }];
      assertEquals(await readSchema(sql, more), { version: latest, latest: latest + 1, problem: null });
      assertEquals(await readSchema(sql), sound);
    },
  },
];
