import type { Clock, EnrichSummary, IpRecord, Log, MaxmindSource, OutputRecord } from "@ipcascade/core";
import {
  type EnrichDeps,
  enrichMany,
  type EnrichOptions,
  type InputItem,
  type RefreshDeps,
} from "@ipcascade/operations";
import {
  createCymruSource,
  createGreynoiseSource,
  createMaxmindSource,
  createTokenBucket,
  type EditionInput,
} from "@ipcascade/sources";
import {
  createSqlCircuitStore,
  createSqlInventoryStore,
  createSqlQuotaLedger,
  createSqlRefreshStore,
  createSqlSessionStore,
  type SqlClient,
} from "@ipcascade/store";
import { buildEdition, type EditionOptions } from "@ipcascade/testkit";
import { type Lab, type LabOptions, openLab } from "@ipcascade/testkit/lab";
import { createTxtResolver } from "../packages/platform/dns_txt.ts";
import { createFetch } from "../packages/platform/http.ts";
import { createNodeClock } from "../packages/platform/node_clock.ts";
import { connectTcp } from "../packages/platform/tcp.ts";
import { openMemoryPglite, resetDatabase } from "../packages/store/testing/databases.ts";

const MACHINE_CLOCK = createNodeClock();

/** A clock whose calendar can be set; time itself passes as it does. */
export class SettableClock implements Clock {
  #offsetMs = 0;

  now(): number {
    return Date.now() + this.#offsetMs;
  }

  elapsed(): number {
    return performance.now();
  }

  /** Moves the calendar, forwards or back. */
  move(ms: number): void {
    this.#offsetMs += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return MACHINE_CLOCK.sleep(ms, signal);
  }
}

/** What a run is made of and how it is bounded; everything has a default. */
export interface CascadeOptions {
  /** A migrated database; default PGlite in memory, emptied. */
  readonly sql?: SqlClient;
  readonly lab?: LabOptions;
  /** False: no edition is installed. */
  readonly editions?: EditionOptions | false;
  readonly quota?: { readonly limit: number; readonly period: "day" | "week" | "month" };
  /** Of Cymru and GreyNoise. Default 5 000. */
  readonly timeoutMs?: number;
  /** Requests to GreyNoise in a second. Default 500, so that tests don't wait. */
  readonly greynoisePerSecond?: number;
}

/** The whole cascade, wired as the product wires it, against the lab. */
export interface CascadeWorld extends AsyncDisposable {
  readonly lab: Lab;
  readonly sql: SqlClient;
  readonly clock: SettableClock;
  readonly deps: RefreshDeps & { readonly sessions: ReturnType<typeof createSqlSessionStore> };
  /** What was logged, as level and message. */
  readonly logged: readonly string[];
  /** Installs other editions, as an update does. */
  install(maxmind: MaxmindSource): void;
  /** Runs the texts through the cascade, as one chunk. */
  enrich(texts: readonly string[], options?: EnrichOptions): Promise<EnrichResult>;
  /** Every row of the inventory as text, in address order, without `created_at` and `updated_at`. */
  dump(): Promise<readonly Record<string, unknown>[]>;
}

/** What a run delivered. */
export interface EnrichResult {
  readonly records: readonly OutputRecord[];
  readonly summary: EnrichSummary;
}

let pglite: Promise<SqlClient> | null = null;

/** The PGlite that the cases of one test file share, emptied. */
export async function openSharedPglite(): Promise<SqlClient> {
  pglite ??= openMemoryPglite();
  const sql = await pglite;
  await resetDatabase(sql);
  return sql;
}

/** Opens a world: `await using world = await openCascadeWorld()`. A database that is passed in stays open. */
export async function openCascadeWorld(options: CascadeOptions = {}): Promise<CascadeWorld> {
  const sql = options.sql ?? await openSharedPglite();
  const lab = await openLab(options.lab);
  const clock = new SettableClock();
  const logged: string[] = [];
  const deps = {
    ...connectSources(lab, clock, options),
    ...connectStores(sql, clock, options),
    owner: "test",
    clock,
    random: () => 0,
  };
  const editions = options.editions === false ? null : options.editions ?? {};
  const world = { ...deps, log: createMemoryLog(logged), maxmind: readEditions(editions) };
  return {
    lab,
    sql,
    clock,
    deps: world,
    logged,
    install: (maxmind) => void (world.maxmind = maxmind),
    enrich: (texts, more) => enrichTexts(texts, world, more),
    dump: () => dumpInventory(sql),
    [Symbol.asyncDispose]: () => lab.close(),
  };
}

/** The lab's editions, read from memory; null is none. */
export function readEditions(options: EditionOptions | null): MaxmindSource {
  if (options === null) return createMaxmindSource({ elapsed: () => performance.now() });
  return createMaxmind(buildEdition("GeoLite2-City", options), buildEdition("GeoLite2-ASN", options));
}

/** Puts two editions behind the port. */
export function createMaxmind(city: EditionInput | null, asn: EditionInput | null): MaxmindSource {
  return createMaxmindSource({ city, asn, elapsed: () => performance.now() });
}

function connectSources(lab: Lab, clock: Clock, options: CascadeOptions) {
  const { timeoutMs = 5_000, greynoisePerSecond = 500 } = options;
  const [host = "", port = ""] = lab.env.CYMRU_WHOIS_ADDR.split(":");
  const [dnsHost = "", dnsPort = ""] = lab.env.CYMRU_DNS_SERVER.split(":");
  return {
    cymru: createCymruSource({
      connect: connectTcp,
      resolveTxt: createTxtResolver({ server: { host: dnsHost, port: Number(dnsPort) } }),
      clock,
      host,
      port: Number(port),
      timeoutMs,
    }),
    greynoise: createGreynoiseSource({
      fetch: createFetch({ timeoutMs }),
      clock,
      server: lab.env.GREYNOISE_API_SERVER,
      apiKey: null,
      limiter: createTokenBucket({ ratePerSecond: greynoisePerSecond, burst: 1, clock }),
      timeoutMs,
    }),
  };
}

function connectStores(sql: SqlClient, clock: Clock, options: CascadeOptions) {
  const refresh = createSqlRefreshStore({ sql, clock });
  return {
    refresh,
    claims: refresh,
    inventory: createSqlInventoryStore(sql),
    sessions: createSqlSessionStore(sql),
    quota: createSqlQuotaLedger({
      sql,
      policies: { greynoise: options.quota ?? { limit: 10_000, period: "day" } },
    }),
    circuits: createSqlCircuitStore(sql),
  };
}

function createMemoryLog(lines: string[]): Log {
  const add = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return { debug: add("debug"), info: add("info"), warn: add("warn"), error: add("error") };
}

/** Runs texts through the cascade, in chunks of 1 000. */
export async function enrichTexts(
  texts: readonly string[],
  deps: EnrichDeps,
  options: EnrichOptions = {},
): Promise<EnrichResult> {
  const run = enrichMany(chunksOf(texts, 1_000), deps, options);
  const records: OutputRecord[] = [];
  for await (const batch of run.records) records.push(...batch);
  return { records, summary: run.summary() };
}

/** Texts as a reader delivers them. */
export async function* chunksOf(texts: readonly string[], size: number): AsyncGenerator<InputItem[]> {
  for (let start = 0; start < texts.length; start += size) {
    yield texts.slice(start, start + size).map((text) => ({ text, origin: null }));
    await Promise.resolve();
  }
}

/** The record of an input that is an address; fails for another. */
export function recordOf(result: EnrichResult, input: string): IpRecord {
  const record = result.records.find((one) => one.input === input);
  if (record === undefined || "error" in record) throw new Error(`Cannot find the record of "${input}"`);
  return record;
}

async function dumpInventory(sql: SqlClient): Promise<readonly Record<string, unknown>[]> {
  const rows = await sql.query<{ row: string }>(
    `select (to_jsonb(i) - 'created_at' - 'updated_at')::text as row from ip_inventory i order by ip_address`,
  );
  return rows.map(({ row }) => JSON.parse(row));
}
