import type { Log } from "@ipcascade/core";
import {
  type Cascade,
  connectCascade,
  JOB_CATALOGUE,
  readSettings,
  type Settings,
} from "@ipcascade/platform";
import { migrate, type SqlClient } from "@ipcascade/store";
import { openTempDir, type TempDir } from "@ipcascade/testkit";
import { type Lab, openLab, openSmtpServer, type SmtpServer } from "@ipcascade/testkit/lab";
import { openMemoryPglite } from "../../packages/store/testing/databases.ts";
import { Disk } from "./full_disk.ts";
import { FIRST_QUOTA, GreynoiseAccount } from "./greynoise_account.ts";
import type { Plan } from "./plan.ts";
import { Releases } from "./releases.ts";
import type { YearClock } from "./year_clock.ts";

/** What backups say made them. */
export const PRODUCT_VERSION = "0.0.0-year";

/** Unlike every other limit, so that the clock can tell who waits for Team Cymru. */
export const CYMRU_TIMEOUT_MS = 31_000;

/** The product as it is installed, and the world around it. */
export interface Installation extends AsyncDisposable {
  readonly clock: YearClock;
  readonly settings: Settings;
  readonly sql: SqlClient;
  readonly cascade: Cascade;
  readonly lab: Lab;
  readonly releases: Releases;
  readonly smtp: SmtpServer;
  readonly greynoise: GreynoiseAccount;
  readonly disk: Disk;
  readonly dir: TempDir;
  readonly log: Log;
  /** Warnings and errors, with their instant. */
  readonly logged: readonly string[];
}

/** Installs it on the embedded database, with editions and backups in a directory that is gone at the end. */
export async function install(clock: YearClock, plan: Plan): Promise<Installation> {
  const stack = new AsyncDisposableStack();
  const greynoise = new GreynoiseAccount(clock.now, plan.quotaCutAt);
  const dir = stack.use(await openTempDir());
  const disk = stack.use(await Disk.mount(dir.path));
  const lab = stack.use(await openLab({ greynoise: { isOverLimit: greynoise.isOverLimit } }));
  const smtp = stack.use(await openSmtpServer());
  const settings = readSettings({
    readFile: () => null,
    flags: {},
    env: {
      ...lab.env,
      IPCASCADE_DATA_DIR: dir.join("data"),
      HOME: dir.path,
      CYMRU_TIMEOUT: `${CYMRU_TIMEOUT_MS / 1_000}s`,
      GREYNOISE_QUOTA: `${FIRST_QUOTA.limit}/${FIRST_QUOTA.period}`,
      SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      ALERT_EMAIL_TO: "ops@example.com",
      ...plan.env,
    },
  });
  const logged: string[] = [];
  const log = keepLog(clock, logged);
  const sql = await openMemoryPglite();
  await migrate(sql);
  stack.defer(() => sql.close());
  const lent = { ...sql, close: () => Promise.resolve() };
  const cascade = stack.use(
    await connectCascade({ sql: lent, signs: lent }, settings, log, { purpose: "enrich", clock }),
  );
  const releases = new Releases(lab, plan);
  const parts = { releases, clock, settings, sql, cascade, lab, smtp, greynoise, disk, dir, log, logged };
  return { ...parts, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Fetches the first editions, as `editions update` does. */
export async function updateByHand({ settings, log, clock, cascade }: Installation): Promise<void> {
  const { signal } = new AbortController();
  await JOB_CATALOGUE["update-editions"]({
    settings,
    log,
    clock,
    version: PRODUCT_VERSION,
    stop: signal,
    abort: signal,
    count() {},
    tickAt: null,
  });
  await cascade.maxmind.check();
}

function keepLog(clock: YearClock, lines: string[]): Log {
  const keep = (level: string) => (message: string, fields?: unknown) =>
    void lines.push(
      `${new Date(clock.now()).toISOString()} ${level} ${message} ${JSON.stringify(fields ?? {})}`,
    );
  return { debug() {}, info() {}, warn: keep("warn"), error: keep("error") };
}
