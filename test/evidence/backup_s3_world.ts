import { createNodeClock, type OpenBackups, openBackups, readSettings } from "@ipcascade/platform";
import { MS_PER_HOUR } from "@ipcascade/core";
import { openPostgresServer, openTempDir } from "@ipcascade/testkit";
import { spawnCli } from "../run_cli.ts";
import { CuttingProxy } from "./cutting_proxy.ts";
import { Claims } from "./figures.ts";
import { type MeasuredRun, runMeasured } from "./measured_run.ts";
import { openSwift, type SwiftServer } from "./swift_server.ts";

/** Settings of one run of the command. */
export type Env = Readonly<Record<string, string>>;

/** The bucket of the proof, and where in it. */
export const BUCKET = "backups-1";
export const PREFIX = "honeypot/a";

/** What the bucket holds, told by Swift's own API. */
export interface Stored {
  /** Files, by key below the prefix. */
  readonly files: ReadonlyMap<string, number>;
  /** Parts of uploads, completed or not. */
  readonly parts: ReadonlyMap<string, number>;
  /** Bytes of both. */
  readonly bytes: number;
}

/** A database that is backed up into Swift, and a proxy between that can break what passes. */
export interface S3World extends AsyncDisposable {
  readonly claims: Claims;
  readonly swift: SwiftServer;
  readonly proxy: CuttingProxy;
  /** Urls of the databases: what is backed up, and an empty one. */
  readonly urls: readonly [string, string];
  readonly env: Env;
  /** Runs the command, remembers what it says and claims how it ends. */
  run(name: string, args: readonly string[], expected?: { env?: Env; code?: number }): Promise<MeasuredRun>;
  /** Starts `backup create`. */
  spawnBackup(): Deno.ChildProcess;
  /** Ids of complete backups. */
  listIds(): Promise<readonly string[]>;
  look(): Promise<Stored>;
  /** What the command works with, its clock so many hours ahead. */
  openAhead(hours: number, endpoint: string): Promise<OpenBackups>;
  /** Claims that nothing that was said holds any of these. */
  checkSecrets(secrets: readonly string[]): void;
}

/** Opens Swift with a bucket, two databases and the proxy. */
export async function openS3World(): Promise<S3World> {
  await using stack = new AsyncDisposableStack();
  const dir = stack.use(await openTempDir());
  const swift = stack.use(await openSwift());
  const server = stack.use(await openPostgresServer());
  const proxy = stack.use(await new CuttingProxy(swift.endpoint).open());
  await swift.createContainer(BUCKET);
  const urls = [await server.createDatabase(), await server.createDatabase()] as const;
  const claims = new Claims();
  const said: string[] = [];
  const env: Env = {
    DATABASE_URL: urls[0],
    IPCASCADE_DATA_DIR: dir.join("data"),
    GEOIPUPDATE_DB_DIR: dir.join("no-editions"),
    BACKUP_DIR: `s3://${BUCKET}/${PREFIX}`,
    AWS_ACCESS_KEY_ID: swift.accessKeyId,
    AWS_SECRET_ACCESS_KEY: swift.secretAccessKey,
    AWS_ENDPOINT_URL_S3: proxy.endpoint,
  };
  const run: S3World["run"] = async (name, args, { env: more = {}, code = 0 } = {}) => {
    const result = await runMeasured([...args, "--format", "json"], { ...env, ...more });
    said.push(result.stdout, result.stderr);
    claims.check(result.code === code, `${name} ends with ${result.code}: ${result.stderr.slice(-400)}`);
    return result;
  };
  const opened = stack.move();
  return {
    ...{ claims, swift, proxy, urls, env, run },
    spawnBackup: () => spawnCli(["backup", "create", "--verbose"], env),
    listIds: async () => {
      const { stdout } = await run("list", ["backup"]);
      const { backups } = JSON.parse(stdout || '{"backups": []}');
      return backups.map(({ id, status }: { id: string; status: string }) => `${id} ${status}`);
    },
    look: () => look(swift),
    openAhead: async (hours, endpoint) => {
      const settings = readSettings({
        env: { ...env, AWS_ENDPOINT_URL_S3: endpoint },
        flags: {},
        readFile: () => null,
      });
      const machine = createNodeClock();
      const clock = { ...machine, now: () => machine.now() + hours * MS_PER_HOUR };
      const log = { debug() {}, info() {}, warn() {}, error() {} };
      return await openBackups(settings, log, { productVersion: "0.1.0", clock });
    },
    checkSecrets: (secrets) => {
      const found = secrets.filter((secret) => said.some((text) => text.includes(secret)));
      claims.check(found.length === 0, `${found.length} of ${secrets.length} keys are in what was said`);
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

async function look(swift: SwiftServer): Promise<Stored> {
  const below = (all: ReadonlyMap<string, number>) =>
    new Map(
      [...all].filter(([key]) => key.startsWith(`${PREFIX}/`)).map(([key, size]) =>
        [key.slice(PREFIX.length + 1), size] as const
      ),
    );
  const files = below(await swift.listContainer(BUCKET));
  const parts = below(await swift.listContainer(`${BUCKET}+segments`));
  let bytes = 0;
  for (const size of [...files.values(), ...parts.values()]) bytes += size;
  return { files, parts, bytes };
}
