import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type JobEnd, type JobJournal, type JobSign, type JobStart, MS_PER_DAY } from "@ipcascade/core";
import { isMissing, makeDirectory, replaceFile } from "./durable_files.ts";

/**
 * A run as the spool keeps it: a file for each, while the database can't be had because it is down, or because another
 * process has the embedded one.
 */
export interface SpooledRun {
  readonly start: JobStart;
  readonly sign: JobSign | null;
  readonly end: JobEnd | null;
}

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** A run that never said its end was killed; so long its file is kept, for a run may take long. */
const KEPT_DAYS = 7;

/** Writes a run into the spool, in one step; `dir` is made when it is not there. */
export async function writeSpooled(dir: string, run: SpooledRun): Promise<void> {
  await makeDirectory(dir);
  await replaceFile(spoolFile(dir, run.start.id), JSON.stringify(run), dir);
}

/** Takes a run out of the spool, after the database has it. */
export async function forgetSpooled(dir: string, id: string): Promise<void> {
  const path = spoolFile(dir, id);
  // Where there is no disk nothing may be removed, not even what is not there.
  if (existsSync(path)) await rm(path, { force: true });
}

/** Says all of a run; what the record knows already has no effect. False when the record has another end of it. */
export async function tellRun(
  journal: JobJournal,
  { start, sign, end }: SpooledRun,
  { isBelated = false }: Pick<JobSign, "isBelated"> = {},
): Promise<boolean> {
  await journal.start(start);
  if (end !== null) await journal.end(start.id, end);
  return end !== null || sign === null || await journal.sign(start.id, { ...sign, isBelated });
}

/**
 * Brings the runs of the spool into the database, and takes those out that ended. Gives how many were read. A file
 * that is damaged is set aside as `….damaged`: it can tell nothing. What is read of a run is no sign that it is alive.
 */
export async function takeInSpooled(dir: string, runs: JobJournal, now: number): Promise<number> {
  let taken = 0;
  for (const name of await listSpool(dir)) {
    const path = join(dir, name);
    const run = await readSpooled(path);
    if (run === null) {
      await setAside(path);
      continue;
    }
    const goesOn = await tellRun(runs, run, { isBelated: true });
    taken++;
    const isOver = run.end !== null || !goesOn || now - run.start.startedAt > KEPT_DAYS * MS_PER_DAY;
    if (isOver) await rm(path, { force: true });
  }
  return taken;
}

async function setAside(path: string): Promise<void> {
  try {
    await rename(path, `${path}.damaged`);
  } catch (error) {
    // Another process was first.
    if (!isMissing(error)) throw error;
  }
}

function spoolFile(dir: string, id: string): string {
  if (!UUID.test(id)) throw new Error(`Cannot record the run "${id}": it is no UUID`);
  return join(dir, `${id}.json`);
}

async function listSpool(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).filter((name) => name.endsWith(".json"));
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Null for a file that says nothing, and for one that another process took in the meantime. */
async function readSpooled(path: string): Promise<SpooledRun | null> {
  try {
    const run = JSON.parse(await readFile(path, "utf8")) as SpooledRun;
    return UUID.test(run.start.id) && Number.isFinite(run.start.startedAt) ? run : null;
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof TypeError) return null;
    throw error;
  }
}
