import { spawn } from "node:child_process";
import { chown, mkdtemp, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import type { PostgresPrograms } from "./postgres_programs.ts";

/** Who may do everything in a cluster. */
export const CLUSTER_USER = "postgres";
/** The password of that user. */
export const CLUSTER_PASSWORD = "lab";

/** The test run's own directory may be closed to who runs the programs. */
const CWD = "/";
const FLAGS = ["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=password", `--username=${CLUSTER_USER}`];

/**
 * Fills an empty directory with a new cluster: a copy of the one that `initdb` made for all test runs of a version and
 * of a user, which costs a fifth of making one. Throws when `initdb` or the copy fails.
 */
export async function copyCluster(dir: string, programs: PostgresPrograms): Promise<void> {
  const made = await findCluster(programs);
  const { runAs } = programs;
  if (runAs !== null) await chown(dir, runAs.uid, runAs.gid);
  // The programs' user owns the copy: made by whoever runs the tests, PostgreSQL would refuse it.
  await run("cp", ["-R", `${made}/.`, dir], programs);
}

/** The cluster that all others are copies of. It is complete from the moment that it has its name. */
async function findCluster(programs: PostgresPrograms): Promise<string> {
  const owner = programs.runAs?.uid ?? process.getuid?.() ?? 0;
  const home = join(tmpdir(), `ipcascade-cluster-${programs.version}-${owner}`);
  const exists = () => stat(join(home, "PG_VERSION")).then(({ uid }) => uid === owner, () => false);
  if (await exists()) return home;
  const unfinished = await mkdtemp(`${home}-`);
  try {
    await createCluster(unfinished, programs);
    await rename(unfinished, home);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another test run may have been faster.
    if (!await exists()) throw error;
  }
  return home;
}

async function createCluster(dir: string, programs: PostgresPrograms): Promise<void> {
  const { initdb, runAs } = programs;
  if (runAs !== null) await chown(dir, runAs.uid, runAs.gid);
  const passwordFile = `${dir}.password`;
  await writeFile(passwordFile, `${CLUSTER_PASSWORD}\n`, { mode: 0o644 });
  try {
    await run(initdb, [`--pgdata=${dir}`, `--pwfile=${passwordFile}`, ...FLAGS], programs);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/** Runs a program as the user of the programs, and waits for its end. Throws with what it said when it failed. */
function run(program: string, args: readonly string[], { runAs }: PostgresPrograms): Promise<void> {
  const child = spawn(program, args, { ...runAs, cwd: CWD, stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr!.on("data", (chunk: Uint8Array) => void (said += new TextDecoder().decode(chunk)));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) return resolve();
      reject(new Error(`Cannot create a PostgreSQL cluster: ${said.trim() || `status ${code}`}`));
    });
  });
}
