import type { Clock, CymruSource, Log, RequestHours } from "@ipcascade/core";
import {
  createCymruDiagnosis,
  createGreynoiseDiagnosis,
  createMaxmindDiagnosis,
  diagnoseLatency,
  diagnoseMemory,
  type DiagnosisTool,
  type DiagnosisTools,
  type NetworkPlace,
  type RequestPattern,
} from "@ipcascade/operations";
import { createTokenBucket } from "@ipcascade/sources";
import {
  createSqlCircuitStore,
  createSqlQuotaControl,
  createSqlQuotaLedger,
  createSqlRequestHours,
  type SqlClient,
} from "@ipcascade/store";
import { createLazyDatabase, deferDatabase, type LazyDatabase, waitAtMost } from "./lazy_database.ts";
import { createNetworkProbes } from "./network_probes.ts";
import { createNodeClock } from "./node_clock.ts";
import type { BorrowOptions } from "./open_database.ts";
import { openEditionProvider } from "./open_edition_provider.ts";
import { openEditions } from "./open_editions.ts";
import { measureMemory, wireLatency } from "./open_performance.ts";
import { describeOperator } from "./open_quota.ts";
import { RequestBook } from "./request_book.ts";
import type { Settings } from "./settings.ts";
import { wireCymru, wireGreynoise } from "./wire_sources.ts";

/** The tools of `diagnose`, wired; dispose it to give the database back. */
export interface OpenDiagnoses extends AsyncDisposable {
  /** In the order in which topics are shown. */
  readonly tools: DiagnosisTools;
  readonly clock: Clock;
}

/** How far the tools go. */
export interface OpenDiagnosesOptions extends BorrowOptions {
  /** True spends one GreyNoise request. */
  readonly isProbing: boolean;
  /** Called just before that request is sent. */
  readonly onProbe?: () => void;
  /** For everything until the database is closed, in milliseconds. */
  readonly timeoutMs: number;
}

/** What the tools share. */
interface Surroundings {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
  readonly database: LazyDatabase;
  readonly sql: SqlClient;
  /** Our own requests. */
  readonly pattern: RequestPattern;
  /** Takes note of those of the look. */
  readonly book: RequestBook;
}

/**
 * Wires the tools. Nothing is opened and nobody is asked yet: a database that is gone is itself something to find
 * out, and keeps no topic from looking at the rest.
 */
export function openDiagnoses(settings: Settings, log: Log, options: OpenDiagnosesOptions): OpenDiagnoses {
  const clock = createNodeClock();
  const endsAt = clock.elapsed() + options.timeoutMs;
  const database = createLazyDatabase(settings, log, options);
  // The stores open it with their first statement.
  const sql = deferDatabase(database);
  const hours = createSqlRequestHours(sql);
  const book = new RequestBook({ hours, purpose: "diagnose", clock, log });
  const surroundings = {
    settings,
    log,
    clock,
    database,
    sql,
    book,
    pattern: openPattern({ database, hours, book }),
  };
  return {
    tools: {
      maxmind: openMaxmindTool(surroundings),
      cymru: openCymruTool(surroundings),
      greynoise: openGreynoiseTool(surroundings, options),
      latency: openLatencyTool(surroundings),
      memory: openMemoryTool(surroundings),
    },
    clock,
    [Symbol.asyncDispose]: async () => {
      const closing = book[Symbol.asyncDispose]().finally(() => database[Symbol.asyncDispose]());
      const leastMs = settings.databaseUrl === null ? CLOSE_MS.embedded : CLOSE_MS.server;
      await waitAtMost(closing, Math.max(leastMs, Math.min(CLOSE_MS.most, endsAt - clock.elapsed())));
    },
  };
}

/** How long closing takes: a server that hangs is left at once when the time is over; the embedded one never hangs. */
const CLOSE_MS = { server: 200, embedded: 2_000, most: 2_000 } as const;

function openMaxmindTool({ settings, log, clock, database }: Surroundings): DiagnosisTool {
  const open = async () => {
    const shared = settings.editionStore === "postgres" ? await database.get() : undefined;
    const editions = await openEditions(settings, log, { clock, database: shared });
    const deps = {
      ...editions.deps,
      // A kept set is restored without account, so the provider is asked for no earlier than it is needed.
      get provider() {
        return openEditionProvider(settings, clock);
      },
    };
    const options = { policy: editions.policy, settings: editions.settings, retryForMs: settings.retryForMs };
    return createMaxmindDiagnosis(editions.deps, options, { deps, options });
  };
  return {
    diagnose: async (options) => await (await open()).diagnose(options),
    mend: async (diagnosis, options) => await (await open()).mend!(diagnosis, options),
  };
}

function openCymruTool({ settings, clock, sql, pattern, book }: Surroundings): DiagnosisTool {
  const place = settings.cymruWhoisAddr;
  // Paced by itself: a look opens one session and asks one question, also when the shared rate can't be read.
  const openCymru = (timeoutMs: number): CymruSource =>
    wireCymru(settings, { clock, record: book, timeoutMs });
  const probes = { ...createNetworkProbes(clock.elapsed), openCymru };
  return createCymruDiagnosis(
    { probes, circuits: createSqlCircuitStore(sql), pattern, clock },
    {
      place,
      references: settings.diagnoseReferences,
      dnsServer: settings.cymruDnsServer,
      cymruTimeoutMs: settings.cymruTimeoutMs,
    },
  );
}

function openGreynoiseTool(
  { settings, clock, sql, pattern, book }: Surroundings,
  { isProbing, onProbe }: OpenDiagnosesOptions,
): DiagnosisTool {
  const limiter = createTokenBucket({ ratePerSecond: 1, burst: 1, clock });
  const quota = { sql, policies: { greynoise: settings.greynoiseQuota } };
  return createGreynoiseDiagnosis({
    probes: createNetworkProbes(clock.elapsed),
    greynoise: wireGreynoise(settings, { clock, record: book, limiter }),
    ledger: createSqlQuotaLedger(quota),
    control: createSqlQuotaControl(quota),
    circuits: createSqlCircuitStore(sql),
    pattern,
    clock,
  }, {
    place: placeOf(settings.greynoiseApiServer),
    hasKey: settings.greynoiseApiKey !== null,
    isProbing,
    onProbe,
    actor: describeOperator(),
  });
}

function openLatencyTool({ settings, log, sql }: Surroundings): DiagnosisTool {
  return {
    diagnose: ({ timeoutMs }) => diagnoseLatency(wireLatency(sql, settings, log), { timeoutMs }),
  };
}

function openMemoryTool({ settings, log, database }: Surroundings): DiagnosisTool {
  return {
    diagnose: async () => {
      const { deps, close } = await measureMemory(database, settings, log);
      try {
        return await diagnoseMemory(deps);
      } finally {
        await close();
      }
    },
  };
}

/** Our own requests; the probe of this very look belongs to what was spent. */
function openPattern(
  { database, hours, book }: { database: LazyDatabase; hours: RequestHours; book: RequestBook },
): RequestPattern {
  return {
    perHour: (...order) => hours.perHour(...order),
    list: async (...order) => {
      // One that can't be opened is told by whoever asks, not by the book as well.
      await database.get();
      await book.write();
      return await hours.list(...order);
    },
  };
}

function placeOf(url: string): NetworkPlace {
  const { hostname, port, protocol } = new URL(url);
  const defaultPort = protocol === "https:" ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: port === "" ? defaultPort : Number(port) };
}
