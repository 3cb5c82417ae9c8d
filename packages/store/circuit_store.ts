import { type CircuitState, type CircuitStore, CLOSED_CIRCUIT, type SourceName } from "@ipcascade/core";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** The circuit states in SQL, in `source_state`. */
export function createSqlCircuitStore(sql: SqlClient): CircuitStore {
  return {
    readCircuit: (source) => readCircuit(sql, source),
    writeCircuit: (source, state) => writeCircuit(sql, source, state),
  };
}

interface CircuitRow {
  readonly failures: number;
  readonly trips: number;
  readonly opened_ms: number | null;
  readonly open_until_ms: number | null;
  readonly reason: string | null;
}

async function readCircuit(sql: SqlClient, source: SourceName): Promise<CircuitState> {
  const [row] = await sql.query<CircuitRow>(
    `select circuit_failures as failures, circuit_trips as trips,
      date_part('epoch', circuit_opened_at) * 1000 as opened_ms,
      date_part('epoch', circuit_open_until) * 1000 as open_until_ms, circuit_reason as reason
    from source_state where source = $1::text`,
    [source],
  );
  if (row === undefined) return CLOSED_CIRCUIT;
  const { failures, trips, opened_ms, open_until_ms, reason } = row;
  return { failures, trips, openedAt: round(opened_ms), openUntil: round(open_until_ms), reason };
}

function round(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

async function writeCircuit(sql: SqlClient, source: SourceName, state: CircuitState): Promise<void> {
  await sql.query(
    `insert into source_state
      (source, circuit_failures, circuit_trips, circuit_opened_at, circuit_open_until, circuit_reason)
    values ($1::text, $2::int, $3::int, to_timestamp($4::float8 / 1000), to_timestamp($5::float8 / 1000), $6::text)
    on conflict (source) do update set
      circuit_failures = excluded.circuit_failures, circuit_trips = excluded.circuit_trips,
      circuit_opened_at = excluded.circuit_opened_at, circuit_open_until = excluded.circuit_open_until,
      circuit_reason = excluded.circuit_reason, updated_at = now()`,
    [
      source,
      state.failures,
      state.trips,
      state.openedAt,
      state.openUntil,
      state.reason === null ? null : cleanText(state.reason),
    ],
  );
}
