import type { DueCounts, InventoryCounts, InventoryCoverage, InventoryHealth } from "@ipcascade/core";
import { countSpecial, COVERAGE, STALE, withoutSpecial } from "./_inventory_counts.ts";
import type { SqlClient } from "./sql_client.ts";

/** The health of the inventory in SQL. */
export function createSqlInventoryHealth(sql: SqlClient): InventoryHealth {
  return { count: (now) => countAll(sql, now) };
}

async function countAll(sql: SqlClient, now: number): Promise<InventoryCounts> {
  const [[all], special] = await Promise.all([
    sql.query<InventoryCoverage & DueCounts>(`select ${COVERAGE}, ${STALE} from ip_inventory`, [now]),
    countSpecial(sql),
  ]);
  const { addresses, withAsn, withCountry, ...stale } = all!;
  return { coverage: withoutSpecial({ addresses, withAsn, withCountry }, special), stale };
}
