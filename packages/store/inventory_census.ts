import {
  type DueCounts,
  type InventoryCensus,
  type InventoryCensusCounts,
  type InventoryCoverage,
  SOURCE_NAMES,
  type SourceCensus,
  type SourceName,
} from "@ipcascade/core";
import { countSpecial, COVERAGE, STALE, withoutSpecial } from "./_inventory_counts.ts";
import type { SqlClient } from "./sql_client.ts";

/** The census of the inventory in SQL. */
export function createSqlInventoryCensus(sql: SqlClient): InventoryCensus {
  return { count: (now) => countAll(sql, now) };
}

const OUTCOMES = { hits: "hit", misses: "miss", failed: "failed" } as const;
type OutcomeColumn = `${SourceName}_${keyof typeof OUTCOMES}`;

const SOURCES = SOURCE_NAMES.flatMap((source) =>
  Object.entries(OUTCOMES).map(([column, outcome]) =>
    `count(*) filter (where ${source}_outcome = '${outcome}')::int as ${source}_${column}`
  )
).join(", ");

type CensusRow = InventoryCoverage & DueCounts & Readonly<Record<OutcomeColumn, number>>;

async function countAll(sql: SqlClient, now: number): Promise<InventoryCensusCounts> {
  const [[all], special] = await Promise.all([
    sql.query<CensusRow>(`select ${COVERAGE}, ${STALE}, ${SOURCES} from ip_inventory`, [now]),
    countSpecial(sql),
  ]);
  const { cymruStale, greynoiseStale, cymruNeverAsked, greynoiseNeverAsked } = all!;
  const sources = SOURCE_NAMES.map((source) => [source, readSource(all!, source)]);
  return {
    rows: all!.addresses,
    coverage: withoutSpecial(all!, special),
    stale: { cymruStale, greynoiseStale, cymruNeverAsked, greynoiseNeverAsked },
    sources: Object.fromEntries(sources) as InventoryCensusCounts["sources"],
  };
}

function readSource(row: CensusRow, source: SourceName): SourceCensus {
  return {
    hits: row[`${source}_hits`],
    misses: row[`${source}_misses`],
    failed: row[`${source}_failed`],
  };
}
