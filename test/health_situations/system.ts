import { migrate, MIGRATIONS } from "@ipcascade/store";
import { openPostgresServer } from "@ipcascade/testkit";
import { assertEquals } from "@std/assert";
import { openPgliteDatabase } from "../../packages/platform/pglite_database.ts";
import { connectServer } from "../../packages/store/testing/databases.ts";
import type { HealthWorld } from "../health_world.ts";
import { CLOSED_PORT, DATABASE, nothing, query, type Situation } from "./situation.ts";

/** The step of the schema before that of the runs of jobs. */
const BEFORE_JOB_RUNS = 7;

const FREEZE = ["--timeout", "1"];

/** What is undone after a situation. */
let undo: (() => Promise<unknown>) | null = null;
const undone = async () => {
  await undo?.();
  undo = null;
};

/** Undoes what a situation that failed left behind, such as a frozen server. */
export const cleanUp = undone;

/** The database. */
export const SYSTEM: readonly Situation[] = [
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

function wrongPassword({ env }: HealthWorld): string {
  return env.DATABASE_URL!.replace(":lab@", ":hunter2secret@");
}

function rightPassword({ env }: HealthWorld): string {
  return env.DATABASE_URL!.replace(":hunter2secret@", ":lab@");
}
