import { dayOf, JOB_NAMES, MS_PER_DAY, MS_PER_HOUR } from "@ipcascade/core";
import { createSqlCoverageStore, type SqlClient } from "@ipcascade/store";
import { NO_FIGURES } from "../packages/store/testing/coverage_contract.ts";
import { seedInventory } from "./inventory_rows.ts";

/** What a hostile network may call itself. */
export const HOSTILE_NAME = `<img src=x onerror=alert(1)>"'&\u202Eevil\u0007`;

/** A month in the life of a database: rows, snapshots, runs, requests and alerts. */
export async function fillDashboard(sql: SqlClient, now: number): Promise<void> {
  await seedInventory(sql, 400);
  await addSnapshots(sql, now);
  await addRuns(sql, now);
  await addRequests(sql, now);
  await addAlerts(sql, now);
}

const ASNS = ["DIGITALOCEAN-ASN", "GOOGLE", "Chinanet", "OVH SAS", "Hetzner Online GmbH", "AMAZON-02"];
const COUNTRIES = {
  US: 18_400,
  CN: 9_100,
  NL: 3_020,
  DE: 2_400,
  RU: 1_700,
  BR: 800,
  IN: 640,
  SG: 90,
  FR: 31,
  ZA: 4,
};

async function addSnapshots(sql: SqlClient, now: number): Promise<void> {
  const store = createSqlCoverageStore(sql);
  for (let ago = 29; ago >= 0; ago--) {
    const measuredAt = now - ago * MS_PER_DAY;
    const addresses = 36_185 - ago * 310;
    const share = (percent: number) => Math.floor((addresses * percent) / 100);
    await store.write({
      day: dayOf(measuredAt),
      measuredAt,
      figures: {
        ...NO_FIGURES,
        rows: addresses + 212,
        addresses,
        ipv4: addresses,
        withAsn: share(95.2 + Math.sin(ago / 3) * 2),
        withCountry: share(97.4 + Math.cos(ago / 4)),
        scanners: share(31),
        countries: Object.entries(COUNTRIES).map(([country, count]) => ({ country, addresses: count })),
        asns: 2_314,
        topAsns: [
          { number: 4_294_967_294, org: HOSTILE_NAME, addresses: 4_200 },
          ...ASNS.map((org, index) => ({ number: 14_061 + index, org, addresses: 3_900 - index * 520 })),
        ],
      },
      quota: {
        limit: 10_000,
        period: "day",
        origin: "setting",
        used: 3,
        remaining: 9_997,
        startsAt: measuredAt,
        endsAt: measuredAt + MS_PER_DAY,
      },
    }, measuredAt);
  }
}

async function addRuns(sql: SqlClient, now: number): Promise<void> {
  for (const [index, job] of JOB_NAMES.entries()) {
    const isFailed = job === "back-up";
    await sql.query(
      `insert into job_run (id, job, started_by, actor, started_at, seen_at, ended_at, outcome, counts, error)
      values (gen_random_uuid(), $1::text, 'timer', 'ops@honeypot-1', to_timestamp($2::float8 / 1000),
        to_timestamp($3::float8 / 1000), to_timestamp($3::float8 / 1000), $4::text, '{"done": 10}', $5::text::jsonb)`,
      [
        job,
        now - (index + 1) * MS_PER_HOUR,
        now - (index + 1) * MS_PER_HOUR + 4_200,
        isFailed ? "failed" : "succeeded",
        isFailed ? `{"code": "DISK_FULL", "message": "no space is left on /backups"}` : null,
      ],
    );
  }
}

async function addRequests(sql: SqlClient, now: number): Promise<void> {
  const buckets = new Array(84).fill(0).map((_, index) => index > 50 && index < 62 ? 70 - index : 0);
  for (
    const [source, channel] of [["maxmind", "local"], ["cymru", "whois"], ["greynoise", "http"]] as const
  ) {
    for (const outcome of ["answered", "timeout"]) {
      await sql.query(
        `insert into request_hour (hour_at, source, channel, purpose, outcome, requests, addresses, duration_ms, buckets)
        values (date_trunc('hour', to_timestamp($1::float8 / 1000)), $2::text, $3::text, 'enrich', $4::text,
          $5::bigint, $5::bigint, 50000, string_to_array($6::text, ',')::int[])`,
        [now, source, channel, outcome, outcome === "answered" ? 1_204 : 3, buckets.join(",")],
      );
    }
  }
}

async function addAlerts(sql: SqlClient, now: number): Promise<void> {
  await sql.query(
    `insert into alert_state (key, notifier, grade, since, seen_at, told_grade, told_at, title, message, fix)
    values ('health:job_back_up', 'mail', 'critical', to_timestamp($1::float8 / 1000), now(), 'critical', now(),
      'The backup failed', $2::text, 'ipcascade backup create')`,
    [now - 5 * MS_PER_HOUR, `no space is left on /backups ${HOSTILE_NAME.replaceAll("\u0007", "")}`],
  );
}
