import {
  emptyEnrichment,
  type PendingQuery,
  type PendingSession,
  type SessionFragment,
  type SessionImportCounts,
  type SessionStore,
} from "@ipcascade/core";
import { readAddress } from "./_inventory_row.ts";
import { arrayLiteral, cleanText, joinTexts, textList } from "./_parameters.ts";
import {
  formatStretches,
  instantOf,
  readSession,
  SESSION_COLUMNS,
  type StoredSession,
} from "./_session_columns.ts";
import { emptySession, extentOf, mergeFragment, type SessionState } from "./session_merge.ts";
import type { SqlClient } from "./sql_client.ts";

/** The sessions in SQL. */
export function createSqlSessionStore(sql: SqlClient): SessionStore {
  return {
    importFragments: (fragments) => importFragments(sql, fragments),
    listPending: (query) => listPending(sql, query),
    listUnknown: (ids) => listUnknown(sql, ids),
    saveSnapshots: (sessionIds, now) => saveSnapshots(sql, sessionIds, now),
  };
}

/** Makes imports take turns ("sess" in ASCII); enrichment does not wait for it. */
const IMPORT_LOCK = 0x73657373;

async function importFragments(
  sql: SqlClient,
  fragments: readonly SessionFragment[],
): Promise<SessionImportCounts> {
  if (fragments.length === 0) {
    return { newSessions: 0, changedSessions: 0, unchangedSessions: 0, newAddresses: 0 };
  }
  const bySession = groupBySession(fragments);
  const ids = [...bySession.keys()].sort();
  return await sql.transaction(async (tx) => {
    await tx.query("select pg_advisory_xact_lock($1::bigint)", [IMPORT_LOCK]);
    const known = await readSessions(tx, ids);
    const changes = ids
      .map((id) => mergeAll(known.get(id) ?? null, id, bySession.get(id)!))
      .filter(({ before, after }) => before !== after);
    await writeSessions(tx, changes.map(({ after }) => after));
    const newAddresses = await writeActivity(tx, collectActivity(changes));
    const newSessions = changes.filter(({ before }) => before === null).length;
    return {
      newSessions,
      changedSessions: changes.length - newSessions,
      unchangedSessions: ids.length - changes.length,
      newAddresses,
    };
  });
}

interface SessionChange {
  readonly before: SessionState | null;
  readonly after: SessionState;
}

function groupBySession(fragments: readonly SessionFragment[]): Map<string, SessionFragment[]> {
  const groups = new Map<string, SessionFragment[]>();
  for (const fragment of fragments) {
    const id = cleanText(fragment.sessionId);
    const group = groups.get(id);
    if (group === undefined) groups.set(id, [fragment]);
    else group.push(fragment);
  }
  return groups;
}

function mergeAll(
  before: SessionState | null,
  id: string,
  fragments: readonly SessionFragment[],
): SessionChange {
  return { before, after: fragments.reduce(mergeFragment, before ?? emptySession(id)) };
}

async function readSessions(tx: SqlClient, ids: readonly string[]): Promise<Map<string, SessionState>> {
  const rows = await tx.query<StoredSession>(
    `select ${SESSION_COLUMNS} from sessions where session_id = any(select unnest(${textList("$1")}))`,
    [joinTexts(ids)],
  );
  return new Map(rows.map((row) => [row.session_id, readSession(row)]));
}

const WRITE_SESSIONS = `insert into sessions
    (session_id, source_ip, in_inventory, started_at, ended_at, duration_ms,
      login_attempts, commands, downloads, covered)
  select r.session_id, r.source_ip, r.in_inventory, ${instantOf("r.started_us")}, ${instantOf("r.ended_us")},
    r.duration_ms, r.login_attempts, r.commands, r.downloads, r.covered::tstzmultirange
  from unnest(${textList("$1")}, $2::text::inet[], $3::text::bool[], $4::text::float8[], $5::text::float8[],
    $6::text::int8[], $7::text::int8[], $8::text::int8[], $9::text::int8[], ${textList("$10")}
  ) as r(session_id, source_ip, in_inventory, started_us, ended_us,
    duration_ms, login_attempts, commands, downloads, covered)
  on conflict (session_id) do update set
    source_ip = excluded.source_ip, in_inventory = excluded.in_inventory, started_at = excluded.started_at,
    ended_at = excluded.ended_at, duration_ms = excluded.duration_ms,
    login_attempts = excluded.login_attempts, commands = excluded.commands, downloads = excluded.downloads,
    covered = excluded.covered, updated_at = now()`;

async function writeSessions(tx: SqlClient, states: readonly SessionState[]): Promise<void> {
  if (states.length === 0) return;
  await tx.query(WRITE_SESSIONS, [
    joinTexts(states.map((state) => state.sessionId)),
    arrayLiteral(states.map((state) => state.sourceIp)),
    arrayLiteral(states.map((state) => state.inInventory)),
    arrayLiteral(states.map((state) => state.startedAtUs)),
    arrayLiteral(states.map((state) => state.endedAtUs)),
    arrayLiteral(states.map((state) => state.durationMs)),
    arrayLiteral(states.map((state) => state.loginAttempts)),
    arrayLiteral(states.map((state) => state.commands)),
    arrayLiteral(states.map((state) => state.downloads)),
    joinTexts(states.map((state) => formatStretches(state.covered))),
  ]);
}

interface Activity {
  readonly address: string;
  newSessions: number;
  firstUs: number;
  lastUs: number;
}

function collectActivity(changes: readonly SessionChange[]): readonly Activity[] {
  const byAddress = new Map<string, Activity>();
  for (const { before, after } of changes) {
    if (after.sourceIp === null || !after.inInventory) continue;
    const { firstUs, lastUs } = extentOf(after);
    const activity = byAddress.get(after.sourceIp) ??
      { address: after.sourceIp, newSessions: 0, firstUs, lastUs };
    // A session counts for its address from the moment the address is known.
    if (before === null || before.sourceIp === null) activity.newSessions++;
    activity.firstUs = Math.min(activity.firstUs, firstUs);
    activity.lastUs = Math.max(activity.lastUs, lastUs);
    byAddress.set(after.sourceIp, activity);
  }
  // The order of `saveMany`, so that an import and an enrichment can't wait for each other in a circle.
  return [...byAddress.values()].sort((left, right) => left.address < right.address ? -1 : 1);
}

// A row that this statement made has no `xmax`; one that it changed has.
const WRITE_ACTIVITY = `with written as (
    insert into ip_inventory as i (ip_address, enrichment, observation_count, first_seen_at, last_seen_at)
    select r.ip, $1::text::jsonb, r.new_sessions, ${instantOf("r.first_us")}, ${instantOf("r.last_us")}
    from unnest($2::text::inet[], $3::text::int8[], $4::text::float8[], $5::text::float8[])
      as r(ip, new_sessions, first_us, last_us)
    on conflict (ip_address) do update set
      observation_count = i.observation_count + excluded.observation_count,
      first_seen_at = least(i.first_seen_at, excluded.first_seen_at),
      last_seen_at = greatest(i.last_seen_at, excluded.last_seen_at),
      updated_at = now()
    where excluded.observation_count > 0
      or i.first_seen_at is distinct from least(i.first_seen_at, excluded.first_seen_at)
      or i.last_seen_at is distinct from greatest(i.last_seen_at, excluded.last_seen_at)
    returning xmax = 0 as is_new
  )
  select count(*) filter (where is_new)::int as count from written`;

async function writeActivity(tx: SqlClient, activity: readonly Activity[]): Promise<number> {
  if (activity.length === 0) return 0;
  const rows = await tx.query<{ count: number }>(WRITE_ACTIVITY, [
    JSON.stringify(emptyEnrichment("global")),
    arrayLiteral(activity.map(({ address }) => address)),
    arrayLiteral(activity.map(({ newSessions }) => newSessions)),
    arrayLiteral(activity.map(({ firstUs }) => firstUs)),
    arrayLiteral(activity.map(({ lastUs }) => lastUs)),
  ]);
  return rows[0]!.count;
}

async function listPending(sql: SqlClient, query: PendingQuery): Promise<readonly PendingSession[]> {
  if (query.ids?.length === 0) return [];
  const params = [cleanText(query.afterId ?? ""), query.limit];
  const rows = await sql.query<{ session_id: string; source_ip: string | null }>(
    `select session_id, host(source_ip) as source_ip from sessions
    where snapshot_at is null and session_id > $1::text
      ${query.ids === null ? "" : `and session_id = any(select unnest(${textList("$3")}))`}
    order by session_id limit $2::int`,
    query.ids === null ? params : [...params, joinTexts(query.ids)],
  );
  return rows.map(({ session_id, source_ip }) => ({
    sessionId: session_id,
    sourceIp: source_ip === null ? null : readAddress(source_ip),
  }));
}

async function listUnknown(sql: SqlClient, ids: readonly string[]): Promise<readonly string[]> {
  if (ids.length === 0) return [];
  const rows = await sql.query<{ session_id: string }>(
    `select session_id from sessions where session_id = any(select unnest(${textList("$1")}))`,
    [joinTexts(ids)],
  );
  const known = new Set(rows.map((row) => row.session_id));
  return [...new Set(ids)].filter((id) => !known.has(cleanText(id)));
}

// Definite is what asking again would not change soon: an ASN (with its country, while MaxMind fails), or a no from every source that could have named one.
// A MaxMind that is not installed has no say.
const SAVE_SNAPSHOTS = `with pending as (
    select session_id, source_ip, in_inventory from sessions
    where session_id = any(select unnest(${textList("$1")})) and snapshot_at is null
    order by session_id for update
  ), ready as (
    select p.session_id, i.asn_number, i.geo_country
    from pending p left join ip_inventory i on p.in_inventory and i.ip_address = p.source_ip
    where (not p.in_inventory and p.source_ip is not null)
      or (i.asn_number is not null and (i.geo_country is not null or i.maxmind_outcome is distinct from 'failed'))
      or (i.cymru_outcome in ('hit', 'miss') and (i.maxmind_outcome in ('hit', 'miss')
        or i.enrichment #>> '{_meta,sources,maxmind,reason}' = 'no_edition'))
  ), written as (
    update sessions s
    set snapshot_asn = r.asn_number, snapshot_country = r.geo_country,
      snapshot_at = to_timestamp($2::float8 / 1000), updated_at = now()
    from ready r where s.session_id = r.session_id
    returning s.session_id
  )
  select count(*)::int as count from written`;

async function saveSnapshots(sql: SqlClient, sessionIds: readonly string[], now: number): Promise<number> {
  if (sessionIds.length === 0) return 0;
  const rows = await sql.query<{ count: number }>(SAVE_SNAPSHOTS, [joinTexts(sessionIds), now]);
  return rows[0]!.count;
}
