import {
  type CircuitChange,
  type CircuitState,
  type CircuitStore,
  CLOSED_CIRCUIT,
  type SourceName,
} from "@ipcascade/core";
import { roundMs } from "./_instants.ts";
import { cleanText } from "./_parameters.ts";
import type { SqlClient } from "./sql_client.ts";

/** The circuit states in SQL, in `source_state`. */
export function createSqlCircuitStore(sql: SqlClient): CircuitStore {
  return {
    readCircuit: (source) => readCircuit(sql, source),
    changeCircuit: (source, change) => changeCircuit(sql, source, change),
  };
}

interface CircuitRow {
  readonly failures: number;
  readonly trips: number;
  readonly opened_ms: number | null;
  readonly open_until_ms: number | null;
  readonly trial_until_ms: number | null;
  readonly reason: string | null;
}

const READ = `select circuit_failures as failures, circuit_trips as trips,
    date_part('epoch', circuit_opened_at) * 1000 as opened_ms,
    date_part('epoch', circuit_open_until) * 1000 as open_until_ms,
    date_part('epoch', circuit_trial_until) * 1000 as trial_until_ms, circuit_reason as reason
  from source_state where source = $1::text`;

async function readCircuit(sql: SqlClient, source: SourceName, lock = ""): Promise<CircuitState> {
  const [row] = await sql.query<CircuitRow>(`${READ} ${lock}`, [source]);
  if (row === undefined) return CLOSED_CIRCUIT;
  return {
    failures: row.failures,
    trips: row.trips,
    openedAt: roundMs(row.opened_ms),
    openUntil: roundMs(row.open_until_ms),
    trialUntil: roundMs(row.trial_until_ms),
    reason: row.reason,
  };
}

/** The source's row is the lock: changes of one circuit take turns, and each one sees what the others wrote. */
async function changeCircuit(
  sql: SqlClient,
  source: SourceName,
  change: (state: CircuitState) => CircuitState,
): Promise<CircuitChange> {
  return await sql.transaction(async (tx) => {
    await tx.query("insert into source_state (source) values ($1::text) on conflict do nothing", [source]);
    const before = await readCircuit(tx, source, "for update");
    const after = change(before);
    if (after !== before) await writeCircuit(tx, source, after);
    return { before, after };
  });
}

async function writeCircuit(tx: SqlClient, source: SourceName, state: CircuitState): Promise<void> {
  await tx.query(
    `update source_state set
      circuit_failures = $2::int, circuit_trips = $3::int,
      circuit_opened_at = to_timestamp($4::float8 / 1000),
      circuit_open_until = to_timestamp($5::float8 / 1000),
      circuit_trial_until = to_timestamp($6::float8 / 1000), circuit_reason = $7::text, updated_at = now()
    where source = $1::text`,
    [
      source,
      state.failures,
      state.trips,
      state.openedAt,
      state.openUntil,
      state.trialUntil,
      state.reason === null ? null : cleanText(state.reason),
    ],
  );
}
