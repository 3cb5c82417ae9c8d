import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import {
  type AlertEnd,
  type AlertHandOver,
  type AlertObservation,
  type AlertRecord,
  type AlertState,
  type AlertStates,
  type AlertTakeOptions,
  type AlertTurn,
  isOutdated,
  type LocalAlertStates,
  LockHeldError,
  planAlert,
  recordObservation,
  recordTelling,
} from "@ipcascade/core";
import {
  type AlertFile,
  alertFile,
  type FoundAlertFile,
  listAlertFiles,
  lockDirectory,
  readAlertFile,
  writeAlertFile,
} from "./alert_files.ts";
import { type DirectoryLock, openDirectoryLock } from "./directory_lock.ts";

/** A step under the lock takes milliseconds. */
const LOCK_WAIT_MS = 5_000;
const LOCK_PAUSE_MS = 20;

/**
 * What was told to whom, in a directory of files, for the processes of one machine; it is made when there is something
 * to remember. A file that is damaged remembers nothing.
 */
export function createFileAlertStates(dir: string): LocalAlertStates {
  const inTurn = createTurns();
  const locked = <T>(work: () => Promise<T>) => inTurn(() => withLock(dir, work));
  return {
    take: (notifier, observation, options) => locked(() => take(dir, notifier, { observation, options })),
    end: ({ key, notifier, token }, end) => locked(() => endClaim(alertFile(dir, notifier, key), token, end)),
    adopt: (told) => locked(() => adopt(alertFile(dir, told.notifier, told.key), told)),
    forget: async (key) => {
      const known = (await listAlertFiles(dir)).filter(({ record }) => record.key === key);
      if (known.length > 0) await locked(() => removeFiles(known));
      return known.length;
    },
    list: async (limit) => (await listAlertFiles(dir)).map(({ record }) => record).slice(0, limit),
    handOver: async (notifier, to) => {
      for (const { path, record, claim } of await listAlertFiles(dir)) {
        if (record.notifier !== notifier || isHeld(claim)) continue;
        await handOver(record, claim !== null, to);
        await locked(() => removeUnchanged(path, { record, claim }));
      }
    },
  };
}

/** Lets the callers of one process in one by one; the lock would send all but the first away. */
function createTurns(): <T>(work: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work, work);
    last = turn;
    return turn;
  };
}

async function withLock<T>(dir: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const lock = await waitForLock(dir, performance.now() + LOCK_WAIT_MS);
  try {
    return await work();
  } finally {
    await lock.release();
  }
}

async function waitForLock(dir: string, untilMs: number): Promise<DirectoryLock> {
  for (;;) {
    try {
      return await openDirectoryLock(lockDirectory(dir), { action: "remember what is told" });
    } catch (error) {
      if (!(error instanceof LockHeldError) || performance.now() >= untilMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, LOCK_PAUSE_MS));
    }
  }
}

interface Take {
  readonly observation: AlertObservation;
  readonly options: AlertTakeOptions;
}

async function take(dir: string, notifier: string, { observation, options }: Take): Promise<AlertTurn> {
  const { key, title, message, fix } = observation;
  const path = alertFile(dir, notifier, key);
  const file = await readAlertFile(path);
  const before = file === null ? null : stateOf(file.record);
  if (isOutdated(before, observation)) return { status: "outdated" };
  const state = recordObservation(before, observation);
  const record = { key, notifier, title, message, fix, failure: file?.record.failure ?? null, ...state };
  const claim = file?.claim ?? null;
  const kind = planAlert(state, options.now, claim !== null && !isHeld(claim));
  // That all is well, as it always was, is nothing to remember.
  if (kind !== null || file !== null) await writeAlertFile(path, { record, claim });
  if (kind === null) return { status: "told", isBad: state.grade !== "ok" };
  if (isHeld(claim)) return { status: "elsewhere" };
  const token = randomUUID();
  await writeAlertFile(path, { record, claim: { token, until: Date.now() + options.claimMs } });
  return { status: "taken", kind, claim: { key, notifier, token }, state };
}

async function endClaim(path: string, token: string, { now, told, failure }: AlertEnd): Promise<void> {
  const file = await readAlertFile(path);
  if (file?.claim?.token !== token) return;
  const state = told === null ? stateOf(file.record) : recordTelling(stateOf(file.record), told, now);
  await writeAlertFile(path, { record: { ...file.record, ...state, failure }, claim: null });
}

async function adopt(path: string, { isUncertain, ...told }: AlertHandOver): Promise<void> {
  const file = await readAlertFile(path);
  const kept = file?.record ?? null;
  if (kept !== null && kept.toldAt !== null && kept.toldAt >= (told.toldAt ?? told.seenAt)) return;
  const seen = kept === null || kept.seenAt < told.seenAt ? told : kept;
  const hasTold = kept === null || told.toldAt !== null;
  const { toldGrade, toldAt } = hasTold ? told : kept;
  const left = isUncertain ? { token: randomUUID(), until: 0 } : null;
  const record = { ...seen, toldGrade, toldAt, failure: kept?.failure ?? null };
  await writeAlertFile(path, { record, claim: file?.claim ?? left });
}

/** What was never told, and not tried by somebody who is gone, is nothing to go on with. */
async function handOver(
  { failure: _, ...record }: AlertRecord,
  isUncertain: boolean,
  to: Pick<AlertStates, "adopt">,
): Promise<void> {
  if (record.toldAt !== null || isUncertain) await to.adopt({ ...record, isUncertain });
}

/** What another process noted meanwhile is handed over the next time. */
async function removeUnchanged(path: string, { record, claim }: AlertFile): Promise<void> {
  const file = await readAlertFile(path);
  const isSame = file === null || JSON.stringify(file) === JSON.stringify({ record, claim });
  if (isSame) await rm(path, { force: true });
}

async function removeFiles(files: readonly FoundAlertFile[]): Promise<void> {
  for (const { path } of files) await rm(path, { force: true });
}

/** Tells whether somebody has the right to tell, by the clock of the machine. */
function isHeld(claim: AlertFile["claim"]): boolean {
  return claim !== null && claim.until > Date.now();
}

function stateOf({ grade, since, seenAt, toldGrade, toldAt }: AlertRecord): AlertState {
  return { grade, since, seenAt, toldGrade, toldAt };
}
