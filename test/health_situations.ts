import { CIRCUIT_OPTIONS, type Grade, recordFailure, recordSuccess, type SourceName } from "@ipcascade/core";
import { createSqlCircuitStore, migrate, MIGRATIONS } from "@ipcascade/store";
import { assert, assertEquals } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openPgliteDatabase } from "../packages/platform/pglite_database.ts";
import { connectServer } from "../packages/store/testing/databases.ts";
import { addRun, DAY, type HealthWorld, lastTick, publish } from "./health_world.ts";

const HOUR = 3_600_000;
const EXITS: Readonly<Record<Grade, number>> = { ok: 0, info: 0, warning: 1, critical: 2, unknown: 3 };
/** Nobody listens there. */
const CLOSED_PORT = "127.0.0.1:1";

/** Something that is broken for real, what health says of it, and what mends it. */
export interface Situation {
  readonly name: string;
  /** Breaks it; may give what undoes it. */
  readonly damage: (world: HealthWorld) => Promise<unknown>;
  /** The check that tells. */
  readonly check: string;
  readonly grade: Grade;
  readonly message: RegExp;
  /** Checked where it is given. */
  readonly observed?: string | number;
  readonly fix: string | null;
  /** Of the whole report, where other checks fail, too. */
  readonly exit?: number;
  /** The exit status is that of whichever check was first. */
  readonly isRace?: boolean;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** By default the fix is run as a command. */
  readonly mend?: (world: HealthWorld) => Promise<unknown>;
}

/** The exit status of a situation. */
export function exitOf({ grade, exit }: Situation): number {
  return exit ?? EXITS[grade];
}

const nothing = () => Promise.resolve();
const query = (text: string) => (world: HealthWorld) => world.sql.query(text);
const DATABASE = "docs/health.md#the-database";
const QUOTA = "docs/quota.md#greynoise-quota-exceeded-early";
const UPDATE = "ipcascade editions update";
const RECOVER = "ipcascade editions recover";

async function currentSet({ editionDir }: HealthWorld): Promise<string> {
  return join(editionDir, "sets", (await readFile(join(editionDir, "current"), "utf8")).trim());
}

const EDITIONS: readonly Situation[] = [
  {
    name: "the ASN file is deleted",
    damage: async (world) => await rm(join(await currentSet(world), "GeoLite2-ASN.mmdb")),
    check: "edition_asn",
    grade: "critical",
    message: /GeoLite2-ASN: Cannot read ".*": there is no such file/,
    fix: RECOVER,
  },
  {
    name: "a byte of the City edition flips",
    damage: async (world) => {
      const path = join(await currentSet(world), "GeoLite2-City.mmdb");
      const bytes = await readFile(path);
      bytes[bytes.length >> 1]! ^= 1;
      await writeFile(path, bytes);
    },
    check: "edition_city",
    grade: "critical",
    message: /has changed since it was installed/,
    fix: RECOVER,
  },
  {
    name: "no edition is installed",
    damage: async (world) => await rm(world.editionDir, { recursive: true }),
    check: "edition_city",
    grade: "critical",
    message: /GeoLite2-City: not installed/,
    fix: UPDATE,
  },
  {
    name: "the set that serves is named by nobody",
    damage: async (world) => await rm(join(world.editionDir, "current")),
    check: "edition_asn",
    grade: "critical",
    message: /not installed/,
    fix: UPDATE,
  },
  {
    name: "geoipupdate left the City edition alone",
    damage: async (world) => {
      const bytes = await readFile(join(await currentSet(world), "GeoLite2-City.mmdb"));
      await rm(world.editionDir, { recursive: true });
      await Deno.mkdir(world.editionDir);
      await writeFile(join(world.editionDir, "GeoLite2-City.mmdb"), bytes);
    },
    check: "edition_asn",
    grade: "critical",
    message: /not installed/,
    fix: UPDATE,
  },
  {
    name: "the builds are 8 days old",
    damage: async (world) => {
      await world.installEditions(8);
      publish(world.lab, 1);
    },
    check: "edition_city",
    grade: "info",
    message: /update soon, built 8 days ago/,
    fix: UPDATE,
  },
  {
    name: "the builds are 15 days old",
    damage: async (world) => {
      await world.installEditions(15);
      publish(world.lab, 1);
    },
    check: "edition_asn",
    grade: "warning",
    message: /outdated, built 15 days ago/,
    fix: UPDATE,
  },
  {
    name: "the licence of the builds is over",
    damage: async (world) => {
      await world.installEditions(35);
      const path = join(world.editionDir, "state.json");
      const state = JSON.parse(await readFile(path, "utf8"));
      const { editions } = JSON.parse(await readFile(join(await currentSet(world), "manifest.json"), "utf8"));
      const at = new Date(Date.now() - 31 * DAY).toISOString();
      state.superseded = editions.map(({ sha256 }: { sha256: string }) => ({ sha256, at }));
      await writeFile(path, JSON.stringify(state));
      publish(world.lab, 1);
    },
    check: "edition_city",
    grade: "critical",
    message: /the licence wanted this one gone by/,
    fix: UPDATE,
  },
];

/** Brings the counter of the quota up to a number, as sending does. */
const use = (used: number) => async (world: HealthWorld) => {
  await world.run(["quota", "set", "10000/day", "--used", String(used), "--reason", "test"]);
};
const resetQuota = (world: HealthWorld) => world.run(["quota", "reset", "--reason", "test"]);

const openCircuit = (source: SourceName) => async (world: HealthWorld) => {
  const failure = { ...CIRCUIT_OPTIONS[source], threshold: 1, now: Date.now(), reason: "timeout: no answer" };
  await createSqlCircuitStore(world.sql).changeCircuit(source, (state) => recordFailure(state, failure));
};
const closeCircuit = (source: SourceName) => (world: HealthWorld) =>
  createSqlCircuitStore(world.sql).changeCircuit(source, recordSuccess);

const SOURCES: readonly Situation[] = [
  {
    name: "2 000 of 10 000 requests are left",
    damage: use(8_000),
    check: "greynoise_quota",
    grade: "ok",
    message: /^2000 of 10000 left \(20 %\)/,
    fix: null,
    mend: resetQuota,
  },
  {
    name: "1 999 of 10 000 requests are left",
    damage: use(8_001),
    check: "greynoise_quota",
    grade: "warning",
    message: /^1999 of 10000 left/,
    fix: QUOTA,
    mend: resetQuota,
  },
  {
    name: "999 of 10 000 requests are left",
    damage: use(9_001),
    check: "greynoise_quota",
    grade: "critical",
    message: /^999 of 10000 left/,
    fix: QUOTA,
    mend: resetQuota,
  },
  {
    name: "GreyNoise answers 429",
    damage: async (world) => {
      world.lab.setFault("greynoise", {
        kind: "status",
        status: 429,
        body: '{"plan":"Community","rate_limit":"25-W"}',
      });
      await world.run(["enrich", "23.9.9.9", "--sources", "greynoise"]);
      world.lab.clearFaults();
    },
    check: "greynoise_quota",
    grade: "critical",
    message: /^closed by a 429 until/,
    fix: QUOTA,
    mend: async (world) => {
      await resetQuota(world);
      assertEquals((await world.health()).checks.get("greynoise_quota")!.grade, "ok");
      await world.heal();
    },
  },
  {
    name: "the quota ledger can't be read",
    damage: query("alter table quota_ledger rename to quota_ledger_gone"),
    check: "greynoise_quota",
    grade: "unknown",
    message: /the quota ledger can't be read: .*quota_ledger/,
    fix: DATABASE,
    mend: query("alter table quota_ledger_gone rename to quota_ledger"),
  },
  {
    name: "Team Cymru is left alone",
    damage: openCircuit("cymru"),
    check: "circuit_cymru",
    grade: "warning",
    message: /timeout: no answer\); left alone until/,
    fix: "ipcascade diagnose cymru",
    mend: closeCircuit("cymru"),
  },
  {
    name: "MaxMind's editions can't be decoded any more",
    damage: openCircuit("maxmind"),
    check: "circuit_maxmind",
    grade: "critical",
    message: /left alone until/,
    fix: "ipcascade diagnose maxmind",
    mend: closeCircuit("maxmind"),
  },
  {
    name: "GreyNoise failed twice",
    damage: async (world) => {
      const failure = { ...CIRCUIT_OPTIONS.greynoise, now: Date.now(), reason: "refused" };
      await createSqlCircuitStore(world.sql).changeCircuit(
        "greynoise",
        (state) => recordFailure(recordFailure(state, failure), failure),
      );
    },
    check: "circuit_greynoise",
    grade: "info",
    message: /failed 2 times in a row: refused/,
    fix: "ipcascade diagnose greynoise",
    mend: closeCircuit("greynoise"),
  },
];

/** Takes the ASN from so many of the hundred rows, as if Cymru was never asked. */
const uncover = (rows: number) => async (world: HealthWorld) => {
  await world.sql.query(
    `update ip_inventory set asn_number = null, asn_org = null, asn_source = null, cymru_outcome = null,
      cymru_attempted_at = null
    where ip_address in (select ip_address from ip_inventory order by ip_address limit $1::int)`,
    [rows],
  );
};
const BACKFILL = "ipcascade backfill";

const INVENTORY: readonly Situation[] = [
  { rows: 5, grade: "ok" as const },
  { rows: 6, grade: "warning" as const },
  { rows: 10, grade: "warning" as const },
  { rows: 11, grade: "critical" as const },
].map(({ rows, grade }): Situation => ({
  name: `${100 - rows} % of the addresses have an ASN`,
  damage: uncover(rows),
  check: "coverage",
  grade,
  message: new RegExp(`^${100 - rows} % of 100 addresses have an ASN`),
  fix: grade === "ok" ? null : BACKFILL,
  ...grade === "ok" ? { mend: (world: HealthWorld) => world.run(["backfill"]) } : {},
})).concat([
  {
    name: "private addresses and `{}` answers don't count for coverage",
    damage: query(
      `insert into ip_inventory (ip_address, enrichment) select ('10.0.0.' || n)::inet, '{}'
      from generate_series(1, 50) n`,
    ),
    check: "coverage",
    grade: "ok",
    message: /^100 % of 100 addresses/,
    fix: null,
    mend: query("delete from ip_inventory where ip_address <<= '10.0.0.0/8'"),
  },
  {
    name: "the inventory is empty",
    damage: query("delete from ip_inventory"),
    check: "coverage",
    grade: "info",
    message: /no address is stored yet/,
    fix: "docs/enrich.md",
    mend: (world) => world.heal(),
  },
  {
    name: "Cymru's answers are 91 days old",
    damage: query(
      `update ip_inventory set enrichment_ts = now() - interval '91 days',
        cymru_attempted_at = now() - interval '91 days'`,
    ),
    check: "cymru_stale",
    grade: "info",
    message: /^100 answers of Cymru are older than 90 days/,
    fix: "ipcascade refresh --source cymru",
  },
  {
    name: "GreyNoise's answers are 8 days old",
    damage: query(
      `update ip_inventory set scanner_ts = now() - interval '8 days',
        greynoise_attempted_at = now() - interval '8 days' where ip_address < '23.0.0.9'`,
    ),
    check: "greynoise_stale",
    grade: "info",
    message: /^9 answers of GreyNoise are older than 7 days/,
    fix: "ipcascade refresh --source greynoise",
  },
  {
    name: "GreyNoise was never asked about some addresses",
    damage: query(
      `update ip_inventory set scanner_ts = null, greynoise_attempted_at = null, greynoise_outcome = null
      where ip_address < '23.0.0.5'`,
    ),
    check: "greynoise_never_asked",
    grade: "info",
    message: /^5 addresses that GreyNoise was never asked about/,
    fix: "ipcascade refresh --source greynoise",
  },
]);

const dropRuns = (job: string) => query(`delete from job_run where job = '${job}'`);
const healJobs = (world: HealthWorld) => world.heal();

/** Successful runs before the latest, an hour each. */
async function addHistory(world: HealthWorld): Promise<void> {
  for (let day = 1; day <= 6; day++) {
    const startedAt = lastTick("back-up") - day * DAY;
    await addRun(world.sql, "back-up", { startedAt, tookMs: HOUR, counts: { rows: 1_000 } });
  }
}

const JOBS: readonly Situation[] = [
  {
    name: "the weekly update is late",
    damage: query("update job_run set started_at = now() - interval '9 days' where job = 'update-editions'"),
    check: "job_update_editions",
    grade: "warning",
    message: /is late: due at .* UTC \(0 2 \* \* SUN\), last begun 9 d ago/,
    fix: UPDATE,
  },
  {
    name: "no timer ever ran the quota check",
    damage: dropRuns("check-quota"),
    check: "job_check_quota",
    grade: "warning",
    message: /never ran, though it was due at .*: does a timer run\?/,
    fix: "ipcascade quota --alert",
  },
  {
    name: "the refresh failed",
    damage: async (world) => {
      await dropRuns("refresh-stale")(world);
      await addRun(world.sql, "refresh-stale", {
        startedAt: Date.now() - 120_000,
        outcome: "failed",
        error: "no way",
      });
    },
    check: "job_refresh_stale",
    grade: "warning",
    message: /failed at .* UTC: no way/,
    fix: "ipcascade refresh",
  },
  {
    name: "the pruning was killed",
    damage: async (world) => {
      await dropRuns("prune-editions")(world);
      await addRun(world.sql, "prune-editions", {
        startedAt: Date.now() - 600_000,
        outcome: null,
        tookMs: 1_000,
      });
    },
    check: "job_prune_editions",
    grade: "warning",
    message: /was killed, or its machine is gone/,
    fix: "ipcascade editions prune",
  },
  {
    name: "the backup took a tenth of its time",
    damage: async (world) => {
      await dropRuns("back-up")(world);
      await addHistory(world);
      await addRun(world.sql, "back-up", { tookMs: 300_000, counts: { rows: 1_000 } });
    },
    check: "job_back_up",
    grade: "warning",
    message: /was too fast at .*: 300 s, and 3600 s as a rule/,
    fix: "docs/health.md#the-jobs",
    mend: healJobs,
  },
  {
    name: "the backup did nothing",
    damage: async (world) => {
      await dropRuns("back-up")(world);
      await addHistory(world);
      await addRun(world.sql, "back-up", { tookMs: HOUR, counts: { rows: 0 } });
    },
    check: "job_back_up",
    grade: "warning",
    message: /did nothing at .*: it counted 0, and 1000 as a rule/,
    fix: "docs/health.md#the-jobs",
    mend: healJobs,
  },
  {
    name: "there is no backup",
    damage: dropRuns("back-up"),
    check: "backup",
    grade: "warning",
    message: /there is no verified backup/,
    fix: "docs/health.md#the-backup",
    mend: (world) => addRun(world.sql, "back-up"),
  },
  {
    name: "the newest backup is 49 hours old",
    damage: query("update job_run set started_at = now() - interval '49 hours' where job = 'back-up'"),
    check: "backup",
    grade: "warning",
    message: /the newest verified backup is 49 hours old/,
    fix: "docs/health.md#the-backup",
    mend: (world) => addRun(world.sql, "back-up"),
  },
  {
    name: "backups are made elsewhere",
    damage: dropRuns("back-up"),
    env: { SCHEDULE_BACK_UP: "off" },
    check: "backup",
    grade: "ok",
    observed: "off",
    message: /^switched off: backups are made elsewhere$/,
    fix: null,
    mend: (world) => addRun(world.sql, "back-up"),
  },
  {
    name: "the newest backup is 8 days old",
    damage: query("update job_run set started_at = now() - interval '8 days' where job = 'back-up'"),
    check: "backup",
    grade: "critical",
    message: /the newest verified backup is 8 days old/,
    fix: "docs/health.md#the-backup",
    mend: (world) => addRun(world.sql, "back-up"),
  },
];

/** The step of the schema before that of the runs of jobs. */
const BEFORE_JOB_RUNS = 7;

const dropAlerts = query("delete from alert_state");

/** Writes what a notifier knows of a key, as a check with `--alert` does. */
const addAlert = (notifier: string, grade: string, failure: string | null) => async (world: HealthWorld) => {
  await dropAlerts(world);
  await world.sql.query(
    `insert into alert_state (key, notifier, grade, since, seen_at, title, message, failure)
    values ('health.coverage', $1::text, $2::text, now(), now(), 'x', 'x', $3::text)`,
    [notifier, grade, failure],
  );
};

const ALERTS: readonly Situation[] = [
  {
    name: "nobody is told of faults",
    damage: nothing,
    env: { ALERT_WEBHOOK_URL: "" },
    check: "alerts",
    grade: "info",
    observed: "off",
    message: /no notifier is configured: nobody is told/,
    fix: "docs/alerts.md",
    mend: nothing,
  },
  {
    name: "a webhook did not take an alert",
    damage: addAlert("webhook", "warning", "the connection was refused"),
    check: "alerts",
    grade: "warning",
    observed: 1,
    message: /^"health\.coverage" was not told: webhook failed: the connection was refused; the next check/,
    fix: "ipcascade alerts test",
    mend: query("update alert_state set failure = null, told_grade = 'warning', told_at = now()"),
  },
  {
    name: "what could not be told is well again",
    damage: addAlert("webhook", "ok", "the connection was refused"),
    check: "alerts",
    grade: "ok",
    observed: 0,
    message: /^told by webhook$/,
    fix: null,
    mend: dropAlerts,
  },
  {
    name: "a notifier failed that is not configured any more",
    damage: addAlert("mail", "warning", "550 no such user"),
    check: "alerts",
    grade: "ok",
    message: /^told by webhook$/,
    fix: null,
    mend: dropAlerts,
  },
];

const FREEZE = ["--timeout", "1"];

/** What is undone after a situation. */
let undo: (() => Promise<unknown>) | null = null;
const undone = async () => {
  await undo?.();
  undo = null;
};

/** Undoes what a situation that failed left behind, such as a frozen server. */
export const cleanUp = undone;

const SYSTEM: readonly Situation[] = [
  {
    name: "nobody listens on the database's port",
    damage: nothing,
    env: { DATABASE_URL: `postgres://op:hunter2secret@${CLOSED_PORT}/x` },
    check: "database",
    grade: "critical",
    message: /Cannot use the database: .*ECONNREFUSED/,
    fix: DATABASE,
    mend: nothing,
  },
  {
    name: "the database refuses the password",
    damage: (world) => Promise.resolve(world.env.DATABASE_URL = wrongPassword(world)),
    check: "database",
    grade: "critical",
    message: /password authentication failed/,
    fix: DATABASE,
    mend: (world) => Promise.resolve(world.env.DATABASE_URL = rightPassword(world)),
  },
  {
    name: "the database's user may only read",
    damage: async (world) => {
      const before = world.env.DATABASE_URL!;
      await world.sql.query("create role reader login password 'hunter2secret'");
      await world.sql.query("grant select on all tables in schema public to reader");
      world.env.DATABASE_URL = before.replace("postgres:lab@", "reader:hunter2secret@");
      undo = async () => {
        world.env.DATABASE_URL = before;
        await world.sql.query("drop owned by reader");
        await world.sql.query("drop role reader");
      };
    },
    check: "database",
    grade: "critical",
    message:
      /^PostgreSQL can't be written: the user "reader" may not write the tables alert_state, .* and 8 more$/,
    fix: DATABASE,
    mend: undone,
  },
  {
    name: "the database is read-only by its settings",
    damage: (world) => {
      const name = new URL(world.env.DATABASE_URL!).pathname.slice(1);
      const set = (action: string) =>
        world.sql.query(`alter database "${name}" ${action} default_transaction_read_only`);
      undo = () => set("reset");
      return world.sql.query(`alter database "${name}" set default_transaction_read_only = on`);
    },
    check: "database",
    grade: "critical",
    message: /^PostgreSQL can't be written: the user "postgres" has read-only transactions/,
    fix: DATABASE,
    mend: undone,
  },
  {
    name: "PostgreSQL is stopped",
    damage: async (world) => {
      const other = await openPostgresServer();
      const before = world.env.DATABASE_URL!;
      world.env.DATABASE_URL = await other.createDatabase();
      assertEquals((await world.health()).checks.get("database")!.grade, "info");
      await other[Symbol.asyncDispose]();
      undo = () => Promise.resolve(world.env.DATABASE_URL = before);
    },
    check: "database",
    grade: "critical",
    message: /ECONNREFUSED/,
    fix: DATABASE,
    mend: undone,
  },
  {
    name: "PostgreSQL is frozen",
    damage: (world) => {
      Deno.kill(world.server.pid, "SIGSTOP");
      undo = () => Promise.resolve(Deno.kill(world.server.pid, "SIGCONT"));
      return Promise.resolve();
    },
    args: FREEZE,
    check: "database",
    grade: "unknown",
    message: /no answer within 1 s/,
    fix: DATABASE,
    mend: undone,
  },
  {
    name: "somebody keeps the inventory locked",
    damage: async (world) => {
      let release = () => {};
      const held = new Promise<void>((resolve) => release = resolve);
      const locked = Promise.withResolvers<void>();
      const holding = world.sql.transaction(async (tx) => {
        await tx.query("lock table ip_inventory in access exclusive mode");
        locked.resolve();
        await held;
      });
      await locked.promise;
      undo = () => {
        release();
        return holding;
      };
    },
    args: FREEZE,
    check: "coverage",
    grade: "unknown",
    message: /no answer within 1 s|statement timeout/,
    fix: DATABASE,
    mend: undone,
  },
  {
    name: "the database is new and empty",
    damage: async (world) => {
      const before = world.env.DATABASE_URL!;
      world.env.DATABASE_URL = await world.server.createDatabase();
      undo = () => Promise.resolve(world.env.DATABASE_URL = before);
    },
    check: "database",
    grade: "info",
    message: /has no tables yet/,
    fix: null,
    mend: undone,
  },
  {
    name: "the schema is an older program's",
    damage: async (world) => {
      const before = world.env.DATABASE_URL!;
      world.env.DATABASE_URL = await world.server.createDatabase();
      const sql = connectServer(world.env.DATABASE_URL, 1);
      await migrate(sql, MIGRATIONS.slice(0, BEFORE_JOB_RUNS));
      await sql.close();
      undo = () => Promise.resolve(world.env.DATABASE_URL = before);
    },
    check: "database",
    grade: "warning",
    message: new RegExp(
      `has the schema of an older program, step ${BEFORE_JOB_RUNS} of ${MIGRATIONS.length}`,
    ),
    fix: "ipcascade quota",
    // How the jobs went can't be known.
    exit: 3,
    mend: async (world) => {
      assertEquals((await world.run(["quota"])).code, 0);
      assertEquals((await world.health()).checks.get("database")!.grade, "ok");
      await undone();
    },
  },
  {
    name: "the schema is a newer program's",
    damage: query("insert into schema_migration (version, name, checksum) values (999, 'later', 'x')"),
    check: "database",
    grade: "critical",
    message: /schema is version 999, this program knows \d+ and is too old/,
    fix: DATABASE,
    mend: query("delete from schema_migration where version = 999"),
  },
  {
    name: "another process has the embedded database open",
    damage: async (world) => {
      const before = world.env.DATABASE_URL!;
      delete world.env.DATABASE_URL;
      const sql = await openPgliteDatabase(world.env.IPCASCADE_DATA_DIR!);
      undo = async () => {
        await sql.close();
        world.env.DATABASE_URL = before;
      };
    },
    check: "database",
    grade: "unknown",
    args: FREEZE,
    observed: "in_use",
    message: /Cannot open the database ".*": this process \(\d+\) has it open/,
    fix: DATABASE,
    mend: undone,
  },
];

const PROBE = ["--probe", "--timeout", "2"];
const healLab = (world: HealthWorld) => Promise.resolve(world.lab.clearFaults());

const PROVIDERS: readonly Situation[] = [
  {
    name: "Team Cymru drops our packets",
    damage: (world) => Promise.resolve(world.lab.setFault("cymruWhois", { kind: "drop" })),
    args: PROBE,
    check: "probe_cymru",
    grade: "warning",
    message: /no answer in time \(timeout: no answer at all: dropped silently, perhaps null-routed\)/,
    fix: "ipcascade diagnose cymru",
    mend: healLab,
  },
  {
    name: "Team Cymru's port is closed",
    damage: nothing,
    env: { CYMRU_WHOIS_ADDR: CLOSED_PORT },
    args: PROBE,
    check: "probe_cymru",
    grade: "warning",
    message: /\(refused: the host is there, but nobody listens\)/,
    fix: "ipcascade diagnose cymru",
    mend: nothing,
  },
  {
    name: "Team Cymru gives a wrong answer",
    damage: (world) => Promise.resolve(world.lab.setFault("cymruWhois", { kind: "notRouted" })),
    args: PROBE,
    check: "probe_cymru",
    grade: "critical",
    message: /wrong answer: no ASN for 8\.8\.8\.8, which is AS15169/,
    fix: "ipcascade diagnose cymru",
    mend: healLab,
  },
  {
    name: "GreyNoise refuses the key",
    damage: (world) => Promise.resolve(world.lab.setFault("greynoise", { kind: "status", status: 401 })),
    args: PROBE,
    check: "probe_greynoise",
    grade: "critical",
    message: /\(unauthorized: the key is refused\)/,
    fix: "ipcascade diagnose greynoise",
    mend: healLab,
  },
  {
    name: "GreyNoise is silent",
    damage: (world) => Promise.resolve(world.lab.setFault("greynoise", { kind: "drop" })),
    args: PROBE,
    check: "probe_greynoise",
    grade: "warning",
    message: /\(timeout: /,
    fix: "ipcascade diagnose greynoise",
    mend: healLab,
  },
  {
    name: "the probe meets GreyNoise's 429",
    isRace: true,
    damage: (world) => Promise.resolve(world.lab.setFault("greynoise", { kind: "status", status: 429 })),
    args: PROBE,
    check: "probe_greynoise",
    grade: "critical",
    message: /\(rate_limited: .*\); the quota is closed by it until \d{4}-\d\d-\d\dT/,
    fix: QUOTA,
    mend: async (world) => {
      await healLab(world);
      const { checks } = await world.health();
      assert(/closed by a 429/.test(checks.get("greynoise_quota")!.message), "the 429 is remembered");
      await resetQuota(world);
    },
  },
  {
    name: "MaxMind refuses the licence key",
    damage: nothing,
    env: { GEOIPUPDATE_LICENSE_KEY: "wrong_key_mmk_hunter2" },
    args: PROBE,
    check: "probe_editions",
    grade: "critical",
    message: /GeoLite2-City/,
    fix: "docs/editions.md#where-they-come-from",
    mend: nothing,
  },
  {
    name: "MaxMind's server is silent",
    damage: (world) => Promise.resolve(world.lab.setFault("maxmind", { kind: "drop" })),
    args: ["--probe", "--timeout", "1"],
    check: "probe_editions",
    grade: "warning",
    message: /gives no answer in time/,
    fix: "docs/editions.md#where-they-come-from",
    mend: healLab,
  },
  {
    name: "MaxMind's server fails",
    damage: (world) => Promise.resolve(world.lab.setFault("maxmind", { kind: "status", status: 503 })),
    args: PROBE,
    check: "probe_editions",
    grade: "warning",
    message: /503/,
    fix: "docs/editions.md#where-they-come-from",
    mend: healLab,
  },
];

function wrongPassword({ env }: HealthWorld): string {
  return env.DATABASE_URL!.replace(":lab@", ":hunter2secret@");
}

function rightPassword({ env }: HealthWorld): string {
  return env.DATABASE_URL!.replace(":hunter2secret@", ":lab@");
}

/** Every situation. */
export const SITUATIONS: readonly Situation[] = [
  ...EDITIONS,
  ...SOURCES,
  ...INVENTORY,
  ...JOBS,
  ...ALERTS,
  ...SYSTEM,
  ...PROVIDERS,
];
