import {
  type CoverageFigures,
  type CoverageQuota,
  type CoverageSnapshot,
  type CoverageStore,
  dayOf,
} from "@ipcascade/core";
import { countAsns } from "./_coverage_asns.ts";
import { countCoverage } from "./_coverage_counts.ts";
import { instant } from "./_instants.ts";
import { cleanJson } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** Of the documents in `coverage_snapshot`. */
const VERSION = 1;

/** Coverage in SQL: measured on `ip_inventory`, kept in `coverage_snapshot`. */
export function createSqlCoverageStore(sql: SqlClient): CoverageStore {
  return {
    measure: (now) => measure(sql, now),
    write: (snapshot, now) => write(sql, snapshot, now),
    findLatest: async ({ since = null, before }) => {
      const rows = await sql.query<SnapshotRow>(`${SELECT} order by day desc limit 1`, [since, before]);
      return rows.map(readSnapshot)[0] ?? null;
    },
    list: async ({ since = null, before }) => {
      return (await sql.query<SnapshotRow>(`${SELECT} order by day`, [since, before])).map(readSnapshot);
    },
  };
}

async function measure(sql: SqlClient, now: number): Promise<CoverageFigures> {
  return await sql.transaction(async (tx) => {
    const { figures, strayAsns } = await countCoverage(tx, now);
    const asns = await countAsns(tx, { expected: figures.withAsn, areCountersGlobal: strayAsns === 0 });
    return { ...figures, ...asns };
  });
}

async function write(sql: SqlClient, snapshot: CoverageSnapshot, now: number): Promise<boolean> {
  const { day, measuredAt, figures, quota } = snapshot;
  const written = await sql.query(
    `insert into coverage_snapshot as s (day, measured_at, version, figures, quota)
    values ($1::text::date, ${instant("$2")}, $3::int, $4::text::jsonb, $5::text::jsonb)
    on conflict (day) do update set measured_at = excluded.measured_at, version = excluded.version,
      figures = excluded.figures, quota = excluded.quota
    where s.day = $6::text::date and s.measured_at <= excluded.measured_at
    returning day::text as day`,
    [day, measuredAt, VERSION, cleanJson(figures), cleanJson(quota), dayOf(now)],
  );
  return written.length > 0;
}

interface SnapshotRow {
  readonly day: string;
  readonly measured_ms: number;
  readonly figures: string;
  readonly quota: string;
}

const SELECT =
  `select to_char(day, 'YYYY-MM-DD') as day, date_part('epoch', measured_at) * 1000 as measured_ms,
    figures::text as figures, quota::text as quota
  from coverage_snapshot
  where ($1::text is null or day >= $1::text::date) and day < $2::text::date`;

function readSnapshot(row: SnapshotRow): CoverageSnapshot {
  return {
    day: row.day,
    measuredAt: Math.round(row.measured_ms),
    figures: JSON.parse(row.figures) as CoverageFigures,
    quota: JSON.parse(row.quota) as CoverageQuota,
  };
}
