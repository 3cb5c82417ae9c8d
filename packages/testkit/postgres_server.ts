import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import postgres from "postgres";
import { CLUSTER_PASSWORD, CLUSTER_USER, copyCluster } from "./postgres_cluster.ts";
import { findPostgresPrograms, type PostgresPrograms } from "./postgres_programs.ts";
import { removeDir } from "./remove_dir.ts";

/** A PostgreSQL server of its own, which is gone when disposed. */
export interface PostgresServer extends AsyncDisposable {
  /** The server's first database. */
  readonly url: string;
  /** Port on 127.0.0.1. */
  readonly port: number;
  /** Process number of the server, which is another one after `start`. */
  readonly pid: number;
  /** Makes an empty database. Returns its address. */
  createDatabase(): Promise<string>;
  /** Ends the server at once: whoever is connected is cut off, what was committed stays. */
  stop(): Promise<void>;
  /** Starts it again on its port, with the data that it had; resolves once it takes connections. */
  start(): Promise<void>;
}

/** How to start a server. */
export interface PostgresServerOptions {
  /** Default 120. */
  readonly maxConnections?: number;
}

const DIR_PREFIX = "ipcascade-postgres-";
const MAX_TEXT = 10_000;
/** The test run's own directory may be closed to who runs the server. */
const CWD = "/";

/**
 * Starts a PostgreSQL server on a free port: `await using server = await openPostgresServer()`. Takes half a
 * second. What servers of killed test runs left behind is cleaned up first.
 */
export async function openPostgresServer(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  await sweepLeftovers();
  const programs = await findPostgresPrograms();
  const dir = await mkdtemp(join(tmpdir(), `${DIR_PREFIX}${process.pid}-`));
  try {
    await copyCluster(dir, programs);
    const { server, port } = await startOnFreePort(dir, programs, options);
    return describeServer(server, {
      dir,
      port,
      start: () => startServer(dir, programs, flagsOf(port, options)),
    });
  } catch (error) {
    await removeDir(dir);
    throw error;
  }
}

/** Ports that are tried: whoever is quicker may take one that was free a moment ago. */
const MAX_PORTS = 5;

async function startOnFreePort(
  dir: string,
  programs: PostgresPrograms,
  options: PostgresServerOptions,
): Promise<{ readonly server: ChildProcess; readonly port: number }> {
  for (let tries = 1;; tries++) {
    const port = await findFreePort();
    try {
      return {
        server: await startServer(dir, programs, flagsOf(port, options)),
        port,
      };
    } catch (error) {
      if (tries === MAX_PORTS || !String(error).includes("Address already in use")) throw error;
    }
  }
}

interface Cluster {
  readonly dir: string;
  readonly port: number;
  readonly start: () => Promise<ChildProcess>;
}

function describeServer(first: ChildProcess, { dir, port, start }: Cluster): PostgresServer {
  let server = first;
  const stop = async () => {
    // Asked for first: a child that was sent a signal looks ended already.
    const end = ended(server);
    // Ends at once: clients are cut off, and nobody waits for what they do.
    server.kill("SIGINT");
    await end;
  };
  const urlOf = (database: string) =>
    `postgres://${CLUSTER_USER}:${CLUSTER_PASSWORD}@127.0.0.1:${port}/${database}`;
  let count = 0;
  return {
    url: urlOf("postgres"),
    port,
    get pid() {
      return server.pid!;
    },
    createDatabase: async () => {
      const name = `test_${++count}`;
      const sql = postgres(urlOf("postgres"), { max: 1, onnotice: () => {} });
      try {
        await sql.unsafe(`create database ${name}`);
      } finally {
        await sql.end();
      }
      return urlOf(name);
    },
    stop,
    start: async () => {
      server = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await stop();
      await removeDir(dir);
    },
  };
}

/** Resolves once the server takes connections. */
async function startServer(
  dir: string,
  { postgres, runAs }: PostgresPrograms,
  flags: readonly string[],
): Promise<ChildProcess> {
  const child = spawn(postgres, ["-D", dir, ...flags], {
    ...runAs,
    cwd: CWD,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const kill = () => void child.kill("SIGQUIT");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  const said = collect(child);
  const ready = new Promise<void>((resolve) => {
    child.stderr!.on("data", () => {
      if (said().includes("ready to accept connections")) resolve();
    });
  });
  await Promise.race([
    ready,
    ended(child).then((code) => {
      throw new Error(`Cannot start PostgreSQL: ${said().trim() || `status ${code}`}`);
    }),
  ]);
  return child;
}

/** What a child says on standard error, the first of it. */
function collect(child: ChildProcess): () => string {
  let text = "";
  child.stderr!.on("data", (chunk: Uint8Array) => {
    if (text.length < MAX_TEXT) text += new TextDecoder().decode(chunk);
  });
  return () => text;
}

/** The status of a child once it has ended; null for one that was killed. */
function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code));
  });
}

function flagsOf(port: number, options: PostgresServerOptions): string[] {
  return ["-p", String(port), ...serverFlags(options)];
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
    await removeDir(dir).catch(() => {});
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
