import type { ActivityFilter, InventoryRow, InventoryStore, StateGroup } from "@ipcascade/core";
import { columnArray, columnElement, columnParameter, WRITTEN_COLUMNS } from "./_inventory_columns.ts";
import { INVENTORY_ROWS, readAddress, readInventoryRows } from "./_inventory_row.ts";
import { copyNewRows } from "./_copy_new_rows.ts";
import { canBeCopied } from "./_inventory_copy.ts";
import { raiseMemory } from "./_memory.ts";
import { arrayLiteral } from "./_parameters.ts";
import { readStateGroups, selectStateGroups } from "./_row_states.ts";
import type { SqlClient } from "./sql_client.ts";

/** How the inventory is written. */
export interface InventoryStoreOptions {
  /** From so many new rows on, a batch without others goes by COPY. Default: none does. */
  readonly copyFrom?: number;
}

/** For a server: a COPY takes some more round trips than a statement. The embedded database is slower with it. */
export const SERVER_COPY_FROM = 500;

/** The inventory in SQL. */
export function createSqlInventoryStore(
  sql: SqlClient,
  { copyFrom = Infinity }: InventoryStoreOptions = {},
): InventoryStore {
  return {
    findMany: (addresses) => findMany(sql, addresses),
    findStates: (addresses) => findStates(sql, addresses),
    saveMany: (rows) => saveMany(sql, rows, copyFrom),
    findActive: (addresses, filter) => findActive(sql, addresses, filter),
  };
}

// The array itself, not a join with it: PostgreSQL sorts its elements and walks the index once. As a query of its own,
// for otherwise a small table is read whole, and each row compared with each element: five seconds for 5 000 of both.
const IS_ASKED_FOR = "ip_address = any((select $1::text::inet[])::inet[])";
const FIND_MANY = `select ${INVENTORY_ROWS} as rows from ip_inventory where ${IS_ASKED_FOR}`;
const FIND_STATES = selectStateGroups(IS_ASKED_FOR);

/** Rows in one statement, which bounds its text: a batch of the default size. Smaller parts cost the server more. */
const FIND_PART = 5_000;

async function findMany(sql: SqlClient, addresses: readonly string[]): Promise<Map<string, InventoryRow>> {
  const rows = new Map<string, InventoryRow>();
  await inParts(addresses, async (part) => {
    const [found] = await sql.query<{ rows: string | null }>(FIND_MANY, [arrayLiteral(part)]);
    for (const row of readInventoryRows(found!.rows)) rows.set(row.ipAddress, row);
  });
  return rows;
}

async function findStates(sql: SqlClient, addresses: readonly string[]): Promise<readonly StateGroup[]> {
  const groups: StateGroup[] = [];
  await inParts(addresses, async (part) => {
    const [found] = await sql.query<{ states: string | null }>(FIND_STATES, [arrayLiteral(part)]);
    for (const group of readStateGroups(found!.states)) groups.push(group);
  });
  return groups;
}

async function inParts(
  addresses: readonly string[],
  find: (part: readonly string[]) => Promise<void>,
): Promise<void> {
  const parts: Promise<void>[] = [];
  for (let start = 0; start < addresses.length; start += FIND_PART) {
    parts.push(find(addresses.slice(start, start + FIND_PART)));
  }
  await Promise.all(parts);
}

const SAVE_MANY = saveManyStatement();

// A row whose expected revision is not 0 but that is gone is somebody else's change too, hence `exists`.
function saveManyStatement(): string {
  const columns = WRITTEN_COLUMNS.map((column, index) => ({ column, element: `r.v${index}` }));
  const element = (name: string) => columns.find(({ column }) => column.name === name)!.element;
  return `with written as (
    insert into ip_inventory as i
      (ip_address, revision, asn_since, ${columns.map(({ column }) => column.name).join(", ")})
    select r.ip, r.revision + 1,
      case when ${element("asn_number")} is not null
        then coalesce(to_timestamp(${element("enrichment_ts")} / 1000), now()) end,
      ${columns.map(({ column, element }) => columnElement(column, element)).join(", ")}
    from unnest($2::text::inet[], $3::text::int8[],
      ${columns.map(({ column }, index) => columnArray(column, `$${index + 4}`)).join(", ")}
    ) as r(ip, revision, ${columns.map((_, index) => `v${index}`).join(", ")})
    where r.revision = 0 or exists (select from ip_inventory known where known.ip_address = r.ip)
    on conflict (ip_address) do update set
      ${columns.map(({ column }) => `${column.name} = excluded.${column.name}`).join(", ")},
      asn_since = case when i.asn_number is not distinct from excluded.asn_number
        then i.asn_since else excluded.asn_since end,
      revision = excluded.revision,
      updated_at = now()
    where i.revision = excluded.revision - 1
    returning i.ip_address
  )
  select count(*)::int as count,
    case when count(*) < $1::int then string_agg(host(ip_address), ',') end as addresses
  from written`;
}

const LARGE_BATCH = 1_000;

async function saveMany(
  sql: SqlClient,
  rows: readonly InventoryRow[],
  copyFrom: number,
): Promise<readonly string[]> {
  if (rows.length === 0) return [];
  // One order for every writer, so that two batches can't wait for each other in a circle.
  const sorted = [...rows].sort(byAddress);
  checkDistinct(sorted);
  if (sorted.length >= copyFrom && sorted.every(canBeCopied) && await copyNewRows(sql, sorted)) return [];
  return await mergeMany(sql, sorted);
}

async function mergeMany(sql: SqlClient, sorted: readonly InventoryRow[]): Promise<readonly string[]> {
  const params = [
    sorted.length,
    arrayLiteral(sorted.map((row) => row.ipAddress)),
    arrayLiteral(sorted.map((row) => row.revision)),
    ...WRITTEN_COLUMNS.map((column) => columnParameter(column, sorted)),
  ];
  const save = (target: SqlClient) => target.query<SavedRows>(SAVE_MANY, params);
  const [saved] = sorted.length < LARGE_BATCH ? await save(sql) : await sql.transaction(async (tx) => {
    await raiseMemory(tx);
    return await save(tx);
  });
  return listUnwritten(sorted, saved!);
}

interface SavedRows {
  readonly count: number;
  /** Null when every row was written. */
  readonly addresses: string | null;
}

function listUnwritten(rows: readonly InventoryRow[], saved: SavedRows): readonly string[] {
  if (saved.count === rows.length) return [];
  const written = new Set((saved.addresses ?? "").split(",").map(readAddress));
  return rows.map((row) => row.ipAddress).filter((address) => !written.has(address));
}

function byAddress(left: InventoryRow, right: InventoryRow): number {
  if (left.ipAddress === right.ipAddress) return 0;
  return left.ipAddress < right.ipAddress ? -1 : 1;
}

function checkDistinct(sorted: readonly InventoryRow[]): void {
  const twice = sorted.find((row, index) => index > 0 && row.ipAddress === sorted[index - 1]!.ipAddress);
  if (twice !== undefined) throw new TypeError(`Cannot save "${twice.ipAddress}": it is twice in the batch`);
}

// What a session lasted is what its end told, else the stretch between the first and the last event known of it.
const FIND_ACTIVE = `select distinct host(source_ip) as ip_address from sessions
  where source_ip = any(select unnest($1::text::inet[])) and (
    commands >= $2::float8 or downloads >= $3::float8
    or coalesce(duration_ms, date_part('epoch', upper(covered) - lower(covered)) * 1000) >= $4::float8 * 1000
  )`;

async function findActive(
  sql: SqlClient,
  addresses: readonly string[],
  filter: ActivityFilter,
): Promise<Set<string>> {
  if (addresses.length === 0) return new Set();
  const { minCommands, minDownloads, minDurationS } = filter;
  const rows = await sql.query<{ ip_address: string }>(
    FIND_ACTIVE,
    [arrayLiteral(addresses), minCommands, minDownloads, minDurationS],
  );
  return new Set(rows.map((row) => readAddress(row.ip_address)));
}
