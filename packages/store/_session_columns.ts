import { readAddress } from "./_inventory_row.ts";
import type { SessionState, Stretch } from "./session_merge.ts";

/** A row of `SESSION_COLUMNS`. */
export interface StoredSession {
  readonly session_id: string;
  readonly source_ip: string | null;
  readonly in_inventory: boolean;
  readonly started_us: number | null;
  readonly ended_us: number | null;
  readonly duration_ms: number | null;
  readonly login_attempts: number;
  readonly commands: number;
  readonly downloads: number;
  /** `first last,first last`, empty when nothing is covered. */
  readonly covered: string | null;
}

/** The select list that `readSession` understands. Instants are microseconds. */
export const SESSION_COLUMNS = `session_id, host(source_ip) as source_ip, in_inventory,
  ${microseconds("started_at")}::float8 as started_us, ${microseconds("ended_at")}::float8 as ended_us,
  duration_ms::float8 as duration_ms, login_attempts::float8 as login_attempts,
  commands::float8 as commands, downloads::float8 as downloads,
  (select string_agg(${microseconds("lower(r)")} || ' ' || ${microseconds("upper(r)")}, ',' order by r)
    from unnest(covered) r) as covered`;

// `extract` gives exact decimals where `date_part` gives a float.
function microseconds(instant: string): string {
  return `(extract(epoch from ${instant}) * 1000000)::bigint`;
}

/** An instant from microseconds; exact, unlike `to_timestamp`, which takes seconds as a float. */
export function instantOf(microseconds: string): string {
  return `timestamptz 'epoch' + ${microseconds} * interval '1 microsecond'`;
}

/** Turns a stored row into the session's state. */
export function readSession(row: StoredSession): SessionState {
  return {
    sessionId: row.session_id,
    sourceIp: row.source_ip === null ? null : readAddress(row.source_ip),
    inInventory: row.in_inventory,
    startedAtUs: row.started_us,
    endedAtUs: row.ended_us,
    durationMs: row.duration_ms,
    loginAttempts: row.login_attempts,
    commands: row.commands,
    downloads: row.downloads,
    covered: (row.covered ?? "").split(",").filter((text) => text !== "").map(readStretch),
  };
}

function readStretch(text: string): Stretch {
  const [firstUs, lastUs] = text.split(" ").map(Number);
  return { firstUs: firstUs!, lastUs: lastUs! };
}

/** Writes stretches as a `tstzmultirange` literal. */
export function formatStretches(stretches: readonly Stretch[]): string {
  const texts = stretches.map(({ firstUs, lastUs }) =>
    `[${formatMicroseconds(firstUs)},${formatMicroseconds(lastUs)}]`
  );
  return `{${texts.join(",")}}`;
}

/** RFC 3339 in UTC with microseconds. */
export function formatMicroseconds(us: number): string {
  const ms = Math.floor(us / 1000);
  return `${new Date(ms).toISOString().slice(0, -1)}${String(us - ms * 1000).padStart(3, "0")}Z`;
}
