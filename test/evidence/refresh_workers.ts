import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import { openLab } from "@ipcascade/testkit/lab";
import postgres, { type Sql } from "postgres";
import { connectServer } from "../../packages/store/testing/databases.ts";
import { migrate } from "../../packages/store/migrate.ts";
import { seedRows } from "../inventory_rows.ts";
import { spawnCli } from "../run_cli.ts";
import { Claims, type Evidence, finish } from "./figures.ts";
import { countMost } from "./rate_windows.ts";

/** Workers on one server share the rows. */
const REFRESH = ["refresh", "--source", "greynoise", "--share", "--quiet"] as const;

/** How many workers refresh how many rows, and how they are disturbed. */
export interface RefreshRace {
  readonly workers: number;
  readonly rows: number;
  /** Time in which workers are killed with -9, one at a time, and started again. */
  readonly killSeconds: number;
  readonly killEverySeconds: number;
  /** A killed worker's rows are free again after so long. */
  readonly maxFreeSeconds: number;
}

const PER_SECOND = 10;
/** Rows that a worker has at GreyNoise at once: two parts of ten. */
const UNDER_WAY = 20;
const STRETCH_MS = 30_000;

/** Workers refresh the same stale rows while one after the other is killed: every row is done once in effect. */
export async function proveRefreshWorkers(race: RefreshRace): Promise<Evidence> {
  const { workers, rows, killSeconds, killEverySeconds, maxFreeSeconds } = race;
  const claims = new Claims();
  await using lab = await openLab();
  await using dir = await openTempDir();
  await using server = await openPostgresServer();
  const url = await server.createDatabase();
  const store = connectServer(url, 1);
  await migrate(store);
  await seedRows(store, rows, { now: Date.now(), busy: true });
  await store.close();
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  const kills = Math.floor(killSeconds / killEverySeconds);
  // Whoever is killed keeps its units: enough for every row and for those.
  const limit = rows + kills * UNDER_WAY;
  const env = {
    ...lab.env,
    DATABASE_URL: url,
    IPCASCADE_DATA_DIR: dir.join("data"),
    GREYNOISE_QUOTA: `${limit}/month`,
    GREYNOISE_REFRESH_SHARE: "1",
  };
  const start = () => {
    const child = spawnCli([...REFRESH, "--batch-size", "50"], env);
    return { child, done: finish(child) };
  };
  const crew = Array.from({ length: workers }, start);
  const started = performance.now();
  for (let kill = 1; kill <= kills; kill++) {
    await pause(started + kill * killEverySeconds * 1_000 - performance.now());
    const victim = Math.floor(Math.random() * workers);
    try {
      crew[victim]!.child.kill("SIGKILL");
    } catch {
      // It has ended: all its rows are done.
    }
    await crew[victim]!.done;
    crew[victim] = start();
  }
  const orphans = await countClaims(sql);
  await pause(maxFreeSeconds * 1_000);
  for (const { done } of crew) {
    const { code, stderr } = await done;
    claims.check(code === 0, `a worker ended with ${code}: ${stderr.slice(-300)}`);
  }
  const last = await finish(spawnCli(REFRESH, env));
  claims.check(last.code === 0, `the last run ended with ${last.code}: ${last.stderr.slice(-300)}`);
  const seconds = (performance.now() - started) / 1_000;

  const asked = lab.requests.of("greynoise");
  const perRow = new Map<string, number>();
  for (const { addresses } of asked) {
    const address = addresses?.[0] ?? "";
    perRow.set(address, (perRow.get(address) ?? 0) + 1);
  }
  const [state] = await sql<{ fresh: number; left: number; used: number; activity: number }[]>`
    select count(*) filter (where greynoise_due_at > now())::int as fresh,
      (select count(*)::int from work_claim c join work_holder h on h.id = c.holder
        where h.expires_at > clock_timestamp()) as left,
      (select coalesce(max(used), 0)::int from quota_ledger) as used,
      count(*) filter (where last_seen_at = '2026-11-01' and observation_count > 0)::int as activity
    from ip_inventory`;
  await sql.end();
  const sentAt = asked.map(({ at }) => Date.parse(at)).sort((a, b) => a - b);
  const most = countMost(sentAt, STRETCH_MS);
  claims.check(state!.fresh === rows, `${state!.fresh} of ${rows} rows are fresh`);
  claims.check(perRow.size === rows, `${perRow.size} of ${rows} rows were asked about`);
  claims.check(state!.left === 0, `${state!.left} rows are still held`);
  claims.check(state!.activity === rows, "the activity changed");
  claims.check(
    asked.length <= rows + kills * UNDER_WAY,
    `${asked.length} requests for ${rows} rows and ${kills} kills`,
  );
  claims.check(asked.length <= state!.used, `${asked.length} requests, but ${state!.used} are counted`);
  claims.check(state!.used <= limit, `${state!.used} units of ${limit}`);
  claims.check(most <= PER_SECOND * 30 * 1.05, `${most} requests within 30 s`);
  return {
    conditions:
      `${workers} processes on one PostgreSQL server, ${rows} stale rows, GreyNoise at ${PER_SECOND}/s, ` +
      `one process killed every ${killEverySeconds} s for ${killSeconds} s and started again`,
    figures: {
      rows,
      kills,
      requests: asked.length,
      askedTwice: [...perRow.values()].filter((times) => times > 1).length,
      counted: state!.used,
      mostIn30s: most,
      perSecond: (asked.length / ((sentAt.at(-1)! - sentAt[0]!) / 1_000)).toFixed(2),
      heldByKilled: orphans,
      seconds: seconds.toFixed(0),
    },
    broken: claims.broken,
  };
}

async function countClaims(sql: Sql): Promise<number> {
  const [row] = await sql<{ count: number }[]>`select count(*)::int as count from work_claim`;
  return row!.count;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
