import {
  type CoverageFigures,
  type CoverageSnapshot,
  type CoverageStore,
  dayOf,
  type DayRange,
  type UnreadableSnapshot,
} from "@ipcascade/core";
import { countAsns } from "./_coverage_asns.ts";
import { countCoverage } from "./_coverage_counts.ts";
import { DocumentError, readFigures, readQuota } from "./_coverage_documents.ts";
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
    findLatest: (days) => findLatest(sql, days),
    list: async (days) => (await readDays(sql, days)).flatMap((one) => "figures" in one ? [one] : []),
    listUnreadable: async (days) =>
      (await readDays(sql, days)).flatMap((one) => "reason" in one ? [one] : []),
  };
}

/** One after the other: next to always the newest can be read. */
async function findLatest(
  sql: SqlClient,
  { since, before }: DayRange,
): Promise<CoverageSnapshot | null> {
  for (let end = before;;) {
    const [row] = await sql.query<SnapshotRow>(`${SELECT} order by day desc limit 1`, [since ?? null, end]);
    if (row === undefined) return null;
    const snapshot = readSnapshot(row);
    if ("figures" in snapshot) return snapshot;
    end = snapshot.day;
  }
}

async function readDays(
  sql: SqlClient,
  { since, before }: DayRange,
): Promise<(CoverageSnapshot | UnreadableSnapshot)[]> {
  return (await sql.query<SnapshotRow>(`${SELECT} order by day`, [since ?? null, before])).map(readSnapshot);
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
  readonly version: number;
  readonly figures: string;
  readonly quota: string;
}

const SELECT =
  `select to_char(day, 'YYYY-MM-DD') as day, date_part('epoch', measured_at) * 1000 as measured_ms,
    version, figures::text as figures, quota::text as quota
  from coverage_snapshot
  where isfinite(day) and ($1::text is null or day >= $1::text::date) and day < $2::text::date`;

/** A row may have been written by another version, or by hand. */
function readSnapshot(row: SnapshotRow): CoverageSnapshot | UnreadableSnapshot {
  const { day, version } = row;
  if (version !== VERSION) {
    return { day, reason: `it has the version ${version}, known is ${VERSION}` };
  }
  try {
    return {
      day,
      measuredAt: readInstant(row.measured_ms),
      figures: readFigures(JSON.parse(row.figures)),
      quota: readQuota(JSON.parse(row.quota)),
    };
  } catch (error) {
    if (!(error instanceof DocumentError)) throw error;
    return { day, reason: `it is damaged: ${error.message}` };
  }
}

function readInstant(ms: number): number {
  if (Number.isFinite(ms)) return Math.round(ms);
  throw new DocumentError('"measured_at" is no instant');
}
