import {
  type Clock,
  type ConnectionUse,
  type DatabaseActivity,
  formatInstant,
  type LockWait,
  type SlowStatement,
} from "@ipcascade/core";
import type { DiagnosedPart, DiagnosisCause } from "./conclude.ts";
import { type DatabaseTrouble, explainTrouble } from "./database_trouble.ts";
import { diagnoseWriting } from "./diagnose_writing.ts";
import type { DiagnosisFinding } from "./diagnosis.ts";
import { type LatencyLimits, roundLatency } from "./latency_limits.ts";
import { settleWithin } from "./settle_within.ts";

/** What looking at the database needs. */
export interface DatabaseDeps {
  readonly clock: Clock;
  readonly database: DatabaseActivity;
  /** Connections that one process opens at most; null for the embedded database. */
  readonly poolSize: number | null;
}

const PINGS = 5;

/** How long what is asked of the database is waited for, in milliseconds; read anew for each question. */
export interface DatabasePatience {
  readonly opening: () => number;
  readonly answer: () => number;
}

/** What the database says; `trouble` is null when it answered. */
export interface DiagnosedDatabase extends DiagnosedPart {
  readonly trouble: DatabaseTrouble | null;
}

/** Measures the database and asks a server who waits for whom. What fails or gives no answer in time is explained. */
export async function diagnoseDatabase(
  deps: DatabaseDeps,
  limits: LatencyLimits,
  patience: DatabasePatience,
): Promise<DiagnosedDatabase> {
  const { database, poolSize } = deps;
  const fail = (trouble: DatabaseTrouble) => ({ ...explainTrouble(trouble, poolSize === null), trouble });
  const opened = await askDatabase(() => database.ping(), deps, patience.opening());
  if ("trouble" in opened) return fail(opened.trouble);
  const trip = await askDatabase(() => measureTrip(deps), deps, patience.answer());
  if ("trouble" in trip) return fail(trip.trouble);
  const found = await askDatabase(() => askActivity(database, limits), deps, patience.answer());
  if ("trouble" in found) return fail(found.trouble);
  const { bar, waits, slow, connections } = found.value;
  const parts = [diagnoseWriting(bar), diagnoseTrip(trip.value, slow ?? [], limits)];
  if (waits !== null && slow !== null && connections !== null) {
    const use = diagnosePool(connections, poolSize, limits);
    parts.push(diagnoseWaits(waits, limits), listSlow(slow, limits), use);
  } else parts.push({ findings: [EMBEDDED], causes: [] });
  const rank = (one: DiagnosisCause) => CAUSES.indexOf(one.cause);
  return {
    findings: parts.flatMap(({ findings }) => findings),
    causes: parts.flatMap(({ causes }) => causes).sort((a, b) => rank(a) - rank(b)),
    trouble: null,
  };
}

/** A lock explains slow statements, and these a busy pool. */
const CAUSES = ["database_read_only", "database_locks", "database_slow", "pool_saturated"];

/** One after the other: a server that is full may have one connection to spare, but not four. */
async function askActivity(database: DatabaseActivity, { slowStatementMs }: LatencyLimits) {
  return {
    bar: await database.findWriteBar(),
    waits: await database.listLockWaits(),
    slow: await database.listSlowStatements(slowStatementMs),
    connections: await database.readConnections(),
  };
}

/** Asks the database, no longer than told. Does not reject. */
export async function askDatabase<T>(
  work: () => Promise<T>,
  { clock }: { readonly clock: Clock },
  ms: number,
): Promise<{ readonly value: T } | { readonly trouble: DatabaseTrouble }> {
  const caught = () =>
    work().then(
      (value) => ({ value }),
      (thrown: unknown) => ({ trouble: { kind: "failed", thrown } as const }),
    );
  const settled = await settleWithin(caught, { ms, clock });
  return settled.ok ? settled.value : { trouble: { kind: "silent", waitedMs: ms } };
}

/** The middle one of five. */
async function measureTrip({ database, clock }: DatabaseDeps): Promise<number> {
  const trips: number[] = [];
  for (let ping = 0; ping < PINGS; ping++) {
    const startedMs = clock.elapsed();
    await database.ping();
    trips.push(clock.elapsed() - startedMs);
  }
  return trips.sort((a, b) => a - b)[Math.floor(PINGS / 2)]!;
}

function diagnoseTrip(
  tripMs: number,
  slow: readonly SlowStatement[],
  { roundTripMs }: LatencyLimits,
): DiagnosedPart {
  const observed = roundLatency(tripMs);
  const isSlow = tripMs > roundTripMs;
  const message = `a statement to the database and back takes ${observed} ms (limit ${roundTripMs} ms)`;
  const finding: DiagnosisFinding = {
    check: "round_trip",
    grade: isSlow ? "warning" : "ok",
    message,
    observed,
    unit: "ms",
  };
  if (!isSlow && slow.length === 0) return { findings: [finding], causes: [] };
  const [longest] = slow;
  const evidence = longest === undefined ? message : describeSlow(longest);
  const summary = `The database is slow: ${evidence}.`;
  const steps = isSlow
    ? [
      "Put ipcascade near its database, or look at the network between them",
      "Look at the server's load and disk",
    ]
    : [
      `See what it does: select * from pg_stat_activity where pid = ${longest!.pid}`,
      `If it should end: select pg_cancel_backend(${longest!.pid})`,
    ];
  return { findings: [finding], causes: [{ cause: "database_slow", grade: "warning", summary, steps }] };
}

function describeSlow({ pid, statement, runningMs }: SlowStatement): string {
  return `process ${pid} has been running "${statement}" for ${Math.round(runningMs)} ms`;
}

function listSlow(slow: readonly SlowStatement[], { slowStatementMs }: LatencyLimits): DiagnosedPart {
  const [longest] = slow;
  const message = longest === undefined
    ? `no statement has been running for ${slowStatementMs} ms`
    : `${slow.length} running for ${slowStatementMs} ms or longer: ${describeSlow(longest)}`;
  const grade = longest === undefined ? "ok" : "warning";
  const finding = { check: "slow_statements", grade, message, observed: slow.length, unit: null } as const;
  return { findings: [finding], causes: [] };
}

function diagnoseWaits(waits: readonly LockWait[], { lockWaitMs }: LatencyLimits): DiagnosedPart {
  const long = waits.filter(({ waitedMs }) => waitedMs >= lockWaitMs);
  const blocker = findBlocker(long, waits);
  if (blocker === null) {
    const message = waits.length === 0
      ? "no statement waits for a lock"
      : `${waits.length} waiting for a lock, none for ${lockWaitMs} ms`;
    const finding = {
      check: "lock_waits",
      grade: "ok",
      message,
      observed: waits.length,
      unit: null,
    } as const;
    return { findings: [finding], causes: [] };
  }
  const { blockingPid: pid, blockingStatement, blockingState, blockingSince } = blocker;
  const waiting = new Set(long.map(({ waitingPid }) => waitingPid)).size;
  const since = blockingSince === null ? "" : `, its transaction open since ${formatInstant(blockingSince)}`;
  const message = `${waiting} waiting for a lock; process ${pid} blocks with "${blockingStatement}" ` +
    `(${blockingState}${since})`;
  return {
    findings: [{ check: "lock_waits", grade: "warning", message, observed: waiting, unit: null }],
    causes: [{
      cause: "database_locks",
      grade: "warning",
      summary: `Statements wait for the locks of another session: ${message}.`,
      steps: [
        `Find out who it is: select usename, application_name, client_addr from pg_stat_activity where pid = ${pid}`,
        "Let it commit or roll back; work that waits goes on by itself",
        `If nobody needs it, end it by hand: select pg_terminate_backend(${pid})`,
      ],
    }],
  };
}

/** Who keeps the longest one waiting, and waits for nobody: the head of the queue. */
function findBlocker(long: readonly LockWait[], all: readonly LockWait[]): LockWait | null {
  const waiting = new Set(all.map(({ waitingPid }) => waitingPid));
  return long.find(({ blockingPid }) => !waiting.has(blockingPid)) ?? long[0] ?? null;
}

function diagnosePool(
  { limit, open, own, ownBusy }: ConnectionUse,
  poolSize: number | null,
  { connectionPart }: LatencyLimits,
): DiagnosedPart {
  const isFull = open >= limit * connectionPart;
  const isBusy = poolSize !== null && own >= poolSize && ownBusy === own;
  const message = `${open} of ${limit} connections of the server are open; ipcascade has ${own}, ` +
    `${ownBusy} busy, and opens ${poolSize ?? "any number"} at most in one process`;
  const grade = isFull || isBusy ? "warning" : "ok";
  const finding = { check: "pool", grade, message, observed: open, unit: "connections" } as const;
  if (grade === "ok") return { findings: [finding], causes: [] };
  const steps = isFull
    ? [
      "Run fewer processes, or lower IPCASCADE_DB_POOL",
      "Or raise max_connections, or put a pooler in front",
    ]
    : [
      "Raise IPCASCADE_DB_POOL (default: two for each core)",
      "Or run fewer batches at once: work --concurrency 1",
    ];
  const summary = `Work waits for a connection: ${message}.`;
  return { findings: [finding], causes: [{ cause: "pool_saturated", grade, summary, steps }] };
}

const EMBEDDED: DiagnosisFinding = {
  check: "lock_waits",
  grade: "ok",
  message: "lock waits, slow statements and pool do not apply: the embedded database has one session",
  observed: null,
  unit: null,
};
