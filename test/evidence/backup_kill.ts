import { openPgliteDatabase } from "@ipcascade/platform";
import { migrate, type SqlClient } from "@ipcascade/store";
import { openPostgresServer, openTempDir, type TempDir } from "@ipcascade/testkit";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { runCli, spawnCli } from "../run_cli.ts";
import { endLeases } from "./end_leases.ts";
import { type BackupLoad, digestTables, seedEverything } from "./backup_rows.ts";
import { Claims, type Evidence } from "./figures.ts";
import { killAfter } from "./kill_after.ts";

/** How often somebody is killed, over how much. */
export interface KillLoad extends BackupLoad {
  /** Of backups, and of restores, on each kind of database. */
  readonly rounds: number;
}

type Digests = Readonly<Record<string, string>>;

/** A database that is backed up and restored by processes. */
interface Place {
  readonly name: string;
  readonly dir: TempDir;
  readonly env: Readonly<Record<string, string>>;
  readonly claims: Claims;
  /** Uses the database while no process does. */
  use<T>(work: (sql: SqlClient) => Promise<T>): Promise<T>;
}

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly reason: string;
  readonly created_at: string;
}

/**
 * Rounds of kill -9 against `backup create` and `restore` at random moments: no half backup is ever listed, the
 * database is the old or the new one, and whenever it is the new one, what it replaced lies in a backup.
 */
export async function proveBackupKills(load: KillLoad): Promise<Evidence> {
  const claims = new Claims();
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  await using serverDir = await openTempDir();
  await using embeddedDir = await openTempDir();
  const places: readonly Place[] = [
    {
      name: "server",
      dir: serverDir,
      claims,
      env: envOf(serverDir, { DATABASE_URL: url }),
      use: async (work) => {
        const sql = connectServer(url, 1);
        try {
          await untilAlone(sql);
          return await work(sql);
        } finally {
          await sql.close();
        }
      },
    },
    {
      name: "embedded",
      dir: embeddedDir,
      claims,
      env: envOf(embeddedDir, {}),
      use: async (work) => {
        const sql = await openPgliteDatabase(embeddedDir.join("data"));
        try {
          return await work(sql);
        } finally {
          await sql.close();
        }
      },
    },
  ];
  const figures: Record<string, number> = {};
  for (const place of places) {
    await place.use(async (sql) => {
      await migrate(sql);
      await seedEverything(sql, load);
    });
    Object.assign(figures, await killBackups(place, load.rounds), await killRestores(place, load.rounds));
  }
  return {
    conditions: `${load.rounds} SIGKILLs of each on a server and on PGlite, ${load.rows} inventory rows, ` +
      `${load.sessions} sessions, at random moments from the start of the process to after its end`,
    figures,
    broken: claims.broken,
  };
}

function envOf(dir: TempDir, more: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return {
    IPCASCADE_DATA_DIR: dir.join("data"),
    BACKUP_DIR: dir.join("backups"),
    GEOIPUPDATE_DB_DIR: dir.join("editions"),
    ...more,
  };
}

/** Sessions of killed processes end by themselves, as soon as the server notices. */
async function untilAlone(sql: SqlClient): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const [row] = await sql.query<{ others: number }>(
      `select count(*)::int as others from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and application_name = 'ipcascade'`,
    );
    if (row?.others === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("a killed process's session goes on for 30 s");
}

async function killBackups(place: Place, rounds: number): Promise<Record<string, number>> {
  const { name, env, claims } = place;
  const wholeMs = await timeOf(() => runCli(["backup", "create"], { env }));
  let killed = 0;
  for (let round = 1; round <= rounds; round++) {
    const { signal, code } = await killAfter(spawnCli(["backup", "create"], env), Math.random() * wholeMs);
    if (signal === "SIGKILL") killed++;
    else claims.check(code === 0, `${name}, backup ${round}: it ends with ${code}`);
    await checkListed(place, `${name}, backup ${round}`);
    if (env.DATABASE_URL !== undefined) await endLeases(env.DATABASE_URL);
  }
  const last = await runCli(["backup", "create", "--prune", "--format", "json"], { env });
  claims.check(
    last.code === 0,
    `${name}: the next backup ends with ${last.code}: ${last.stderr.slice(-300)}`,
  );
  const left = [...Deno.readDirSync(env.BACKUP_DIR!)].map((entry) => entry.name).filter((one) =>
    /stag|remov/.test(one)
  );
  claims.check(left.length === 0, `${name}: ${left.join(", ")} is left in the end`);
  return { [`${name} backups killed within`]: killed, [`${name} backup ms`]: Math.round(wholeMs) };
}

async function killRestores(place: Place, rounds: number): Promise<Record<string, number>> {
  const { name, env, claims } = place;
  const target = await place.use((sql) => digestTables(sql));
  const { id } = JSON.parse((await runCli(["backup", "create", "--format", "json"], { env })).stdout).backup;
  await place.use(change);
  const wholeMs = await timeOf(() => runCli(["restore", id, "--yes"], { env }));
  const seen = { old: 0, new: 0, killed: 0 };
  for (let round = 1; round <= rounds; round++) {
    const when = `${name}, restore ${round}`;
    const before = await place.use(async (sql) => {
      await change(sql);
      return await digestTables(sql);
    });
    const safetyBefore = (await listBackups(place, when)).filter(isSafety).length;
    const { signal, code } = await killAfter(
      spawnCli(["restore", id, "--yes"], env),
      Math.random() * wholeMs,
    );
    if (signal === "SIGKILL") seen.killed++;
    else claims.check(code === 0, `${when}: it ends with ${code}`);
    const after = await place.use((sql) => digestTables(sql));
    const isNew = same(after, target);
    claims.check(isNew || same(after, before), `${when}: the database is neither the old nor the new one`);
    seen[isNew ? "new" : "old"]++;
    const listed = await checkListed(place, when);
    claims.check(
      !isNew || listed.filter(isSafety).length > safetyBefore,
      `${when}: what was replaced is gone`,
    );
  }
  const last = await runCli(["restore", id, "--yes"], { env });
  claims.check(
    last.code === 0,
    `${name}: the next restore ends with ${last.code}: ${last.stderr.slice(-300)}`,
  );
  claims.check(
    same(await place.use((sql) => digestTables(sql)), target),
    `${name}: the last restore left another state`,
  );
  return {
    [`${name} restores killed within`]: seen.killed,
    [`${name} old state`]: seen.old,
    [`${name} new state`]: seen.new,
    [`${name} restore ms`]: Math.round(wholeMs),
  };
}

/** Changes rows of several tables that a restore sets back. */
async function change(sql: SqlClient): Promise<void> {
  await sql.query(
    "update ip_inventory set observation_count = observation_count + 1, geo_city = 'Elsewhere'",
  );
  await sql.query(
    "delete from sessions where session_id in (select session_id from sessions order by 1 limit 100)",
  );
  await sql.query("insert into source_rate values (gen_random_uuid()::text, now())");
}

/** Lists backups and verifies those that were not verified before. */
async function checkListed(place: Place, when: string): Promise<readonly Listed[]> {
  const listed = await listBackups(place, when);
  const damaged = listed.filter(({ status }) => status !== "ok");
  place.claims.check(
    damaged.length === 0,
    `${when}: ${damaged.map(({ id }) => id).join(", ")} is listed and damaged`,
  );
  const newest = listed[0];
  if (newest !== undefined) {
    const { code, stderr } = await runCli(["backup", "verify", newest.id], { env: place.env });
    place.claims.check(
      code === 0,
      `${when}: ${newest.id} is listed, verify ends with ${code}: ${stderr.slice(-200)}`,
    );
  }
  return listed;
}

async function listBackups({ env, claims }: Place, when: string): Promise<readonly Listed[]> {
  const { code, stdout, stderr } = await runCli(["backup", "list", "--format", "json"], { env });
  claims.check(code === 0, `${when}: list ends with ${code}: ${stderr.slice(-200)}`);
  return JSON.parse(stdout || '{"backups": []}').backups;
}

function isSafety({ reason }: Listed): boolean {
  return reason === "before_restore";
}

function same(a: Digests, b: Digests): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

async function timeOf(
  work: () => Promise<{ readonly code: number; readonly stderr: string }>,
): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await work();
  if (code !== 0) throw new Error(`The first run ends with ${code}: ${stderr}`);
  return performance.now() - started;
}
