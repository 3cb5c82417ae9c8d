import { classifyScope, parseAddress } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import type { ContractCase } from "../../testkit/contract.ts";
import { createSqlCoverageStore } from "../coverage_store.ts";
import type { SqlClient } from "../sql_client.ts";
import { NO_FIGURES, snapshotOf } from "./coverage_contract.ts";
import { NOON } from "./rows.ts";

/** A row as any program may write it; absent columns have their defaults. */
async function insert(sql: SqlClient, ip: string, columns: Readonly<Record<string, string>> = {}) {
  const names = Object.keys(columns);
  await sql.query(
    `insert into ip_inventory (ip_address${names.map((name) => `, ${name}`).join("")})
    values ('${ip}'${names.map((name) => `, ${columns[name]}`).join("")})`,
  );
}

function greynoise(fields: object): string {
  return `'${
    JSON.stringify({ greynoise: fields, address: { scope: "global" }, _meta: { version: 1, sources: {} } })
  }'`;
}

/** So many days and milliseconds before noon. */
function before(days: number, ms = 0): string {
  return `timestamptz '2026-11-23T12:00:00.123Z' - interval '${days * 24} hours ${ms} milliseconds'`;
}

const FRESH = { scanner_ts: before(1), enrichment_ts: before(1) };

/** What measuring the inventory finds, whoever wrote the rows. */
export const COVERAGE_CASES: readonly ContractCase<SqlClient>[] = [
  {
    name: "measure() counts one row",
    run: async (sql) => {
      await insert(sql, "23.0.0.1", {
        ...FRESH,
        asn_number: "15169",
        asn_org: "'GOOGLE'",
        asn_source: "'maxmind'",
        geo_country: "'US'",
      });
      assertEquals(await createSqlCoverageStore(sql).measure(NOON), {
        ...NO_FIGURES,
        rows: 1,
        addresses: 1,
        ipv4: 1,
        withAsn: 1,
        withCountry: 1,
        asnSources: { maxmind: 1, cymru: 0, unknown: 0 },
        classes: { ...NO_FIGURES.classes, quiet: 1 },
        countries: [{ country: "US", addresses: 1 }],
        asns: 1,
        topAsns: [{ number: 15169, org: "GOOGLE", addresses: 1 }],
      });
    },
  },
  {
    name: "trap 27: measure() takes neither unknown countries nor empty documents for coverage",
    run: async (sql) => {
      for (const [index, country] of ["ZZ", "", "us", "USA"].entries()) {
        await insert(sql, `23.0.1.${index}`, { geo_country: `'${country}'`, asn_number: "0" });
      }
      await insert(sql, "23.0.1.9", { enrichment: "'{}'" });
      await insert(sql, "23.0.1.10", { enrichment: `'{"maxmind":{},"cymru":{},"greynoise":{}}'` });
      const { addresses, withAsn, withCountry, asns, classes, stale, riot } = await createSqlCoverageStore(
        sql,
      )
        .measure(NOON);
      assertEquals([addresses, withAsn, withCountry, asns, riot], [6, 0, 0, 0, 0]);
      assertEquals([classes.never_asked, stale.neverEnriched, stale.neverAskedGreynoise], [6, 6, 6]);
    },
  },
  {
    name: "measure() counts addresses of global scope alone",
    run: async (sql) => {
      const own = (scope: string) => `'{"address":{"scope":"${scope}"}}'`;
      await insert(sql, "10.0.0.1", { enrichment: own("private"), asn_number: "64512", geo_country: "'DE'" });
      await insert(sql, "23.0.0.1", { enrichment: own("global"), asn_number: "64512" });
      const figures = await createSqlCoverageStore(sql).measure(NOON);
      assertEquals([figures.rows, figures.addresses, figures.withAsn, figures.withCountry], [2, 1, 1, 0]);
      assertEquals(figures.topAsns, [{ number: 64512, org: null, addresses: 1 }]);
    },
  },
  {
    name: "measure() tells the scope of rows that name none as the product would",
    run: async (sql) => {
      const addresses = [
        "9.255.255.255 10.0.0.0 11.0.0.0 100.63.255.255 100.64.0.0 127.1.1.1 169.254.3.3 172.15.0.1 172.31.0.1",
        "192.0.0.1 192.0.2.1 192.88.99.1 192.168.1.1 198.17.0.1 198.19.0.1 198.51.100.1 203.0.113.9 223.1.1.1",
        "224.0.0.1 255.255.255.255 0.0.0.0 ::1 fe80::1 fd00::1 ff02::1 2001:db8::1 2001:0:1::1 2a00:1450::1",
      ].flatMap((line) => line.split(" "));
      for (const address of addresses) await insert(sql, address, { enrichment: "'{}'" });
      const global = addresses.filter((address) => classifyScope(parseAddress(address)!) === "global");
      const figures = await createSqlCoverageStore(sql).measure(NOON);
      assertEquals([figures.rows, figures.addresses], [addresses.length, global.length]);
    },
  },
  {
    name: "measure() puts every IPv4 address into one class, and counts RIOT also among scanners (trap 36)",
    run: async (sql) => {
      const answers: readonly (readonly [fields: object, isScanner: boolean])[] = [
        [{ noise: true, riot: false, classification: "malicious" }, true],
        [{ noise: true, riot: false, classification: "suspicious" }, true],
        [{ noise: true, riot: true, classification: "benign" }, true],
        [{ noise: true, riot: false, classification: "unknown" }, true],
        [{ noise: true, riot: false, classification: null }, true],
        [{ noise: false, riot: true, classification: "benign" }, false],
        [{ noise: false, riot: false, classification: null }, false],
      ];
      for (const [index, [fields, isScanner]] of answers.entries()) {
        await insert(sql, `23.0.2.${index}`, {
          ...FRESH,
          enrichment: greynoise(fields),
          is_scanner: String(isScanner),
        });
      }
      await insert(sql, "23.0.2.99");
      await insert(sql, "2a00:1450::1");
      const figures = await createSqlCoverageStore(sql).measure(NOON);
      assertEquals(figures.classes, {
        malicious: 1,
        suspicious: 1,
        benign: 1,
        unknown: 2,
        riot: 1,
        quiet: 1,
        never_asked: 1,
      });
      assertEquals([figures.scanners, figures.riot, figures.ipv4, figures.addresses], [5, 2, 8, 9]);
    },
  },
  {
    name: "measure() finds an answer stale a moment after 90 and 7 days, and not before",
    run: async (sql) => {
      const cymru = (days: number, ms: number, enrichedDays = 0) => ({
        asn_source: "'cymru'",
        asn_number: "1",
        cymru_outcome: "'hit'",
        cymru_attempted_at: before(days, ms),
        enrichment_ts: before(enrichedDays),
      });
      await insert(sql, "23.0.3.1", cymru(90, 0));
      await insert(sql, "23.0.3.2", cymru(90, 1));
      await insert(sql, "23.0.3.3", { asn_source: "'cymru'", enrichment_ts: before(91) });
      await insert(sql, "23.0.3.4", { ...cymru(91, 0), asn_source: "'maxmind'" });
      await insert(sql, "23.0.3.5", { scanner_ts: before(7) });
      await insert(sql, "23.0.3.6", { scanner_ts: before(7, 1) });
      await insert(sql, "2a00:1450::1", { scanner_ts: before(30) });
      const { stale } = await createSqlCoverageStore(sql).measure(NOON);
      assertEquals([stale.cymru, stale.greynoise], [2, 1]);
    },
  },
  {
    name: "trap 38: measure() lists an ASN once, under one name, and the ten largest",
    run: async (sql) => {
      let host = 0;
      for (let asn = 1; asn <= 12; asn++) {
        for (let count = 0; count < asn; count++) {
          const org = asn === 12 && count % 2 === 0 ? "'Other name'" : `'AS name ${asn}'`;
          await insert(sql, `23.1.0.${host++}`, { asn_number: String(asn), asn_org: org });
        }
      }
      const { asns, topAsns } = await createSqlCoverageStore(sql).measure(NOON);
      assertEquals([asns, topAsns.map(({ number, addresses }) => [number, addresses])], [
        12,
        [12, 11, 10, 9, 8, 7, 6, 5, 4, 3].map((count) => [count, count]),
      ]);
      assertEquals(typeof topAsns[0]!.org, "string");
      // Counters that do not add up are not believed.
      await sql.query("update asn_inventory set ip_count = 1000 where asn_number = 1");
      assertEquals((await createSqlCoverageStore(sql).measure(NOON)).topAsns, topAsns);
    },
  },
  {
    name: "findLatest() and list() leave out snapshots of another version and damaged ones, which are told",
    run: async (sql) => {
      const store = createSqlCoverageStore(sql);
      const days = Array.from({ length: 9 }, (_, index) => `2026-11-0${index + 1}`);
      for (const day of days) await store.write(snapshotOf(day, NOON, 1), NOON);
      const damages = [
        "version = 99",
        "figures = '{}'",
        "figures = '[]'",
        `figures = figures || '{"addresses": -1}'`,
        `figures = figures || '{"withAsn": 2}'`,
        `figures = figures || '{"countries": [{"country": 1}]}'`,
        "quota = 'null'",
        "measured_at = 'infinity'",
      ];
      for (const [index, damage] of damages.entries()) {
        await sql.query(`update coverage_snapshot set ${damage} where day = '${days[index + 1]}'`);
      }
      const range = { since: days[0]!, before: "2026-12-01" };
      assertEquals(await store.list(range), [snapshotOf(days[0]!, NOON, 1)]);
      assertEquals((await store.findLatest(range))?.day, days[0]);
      assertEquals((await store.listUnreadable(range)).map(({ day, reason }) => `${day}: ${reason}`), [
        "2026-11-02: it has the version 99, known is 1",
        '2026-11-03: it is damaged: "rows" is no count',
        '2026-11-04: it is damaged: "figures" is no object',
        '2026-11-05: it is damaged: "addresses" is no count',
        "2026-11-06: it is damaged: parts are more than the whole",
        '2026-11-07: it is damaged: "country" is no text',
        '2026-11-08: it is damaged: "quota" is no object',
        '2026-11-09: it is damaged: "measured_at" is no instant',
      ]);
    },
  },
];
