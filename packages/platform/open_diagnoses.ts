import type {
  CircuitStore,
  Clock,
  CymruSource,
  Log,
  QuotaControl,
  QuotaLedger,
  RequestHours,
} from "@ipcascade/core";
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
import {
  createCymruSource,
  createGreynoiseSource,
  createTokenBucket,
  recordCymru,
  recordGreynoise,
} from "@ipcascade/sources";
import {
  createSqlCircuitStore,
  createSqlQuotaControl,
  createSqlQuotaLedger,
  createSqlRequestHours,
} from "@ipcascade/store";
import { createTxtResolver } from "./dns_txt.ts";
import { createFetch } from "./http.ts";
import { createLazyDatabase, deferDatabase, type LazyDatabase, waitAtMost } from "./lazy_database.ts";
import { createNetworkProbes } from "./network_probes.ts";
import { createNodeClock } from "./node_clock.ts";
import { openEditionProvider } from "./open_edition_provider.ts";
import { openEditions } from "./open_editions.ts";
import { measureMemory, wireLatency } from "./open_performance.ts";
import { describeOperator } from "./open_quota.ts";
import { RequestBook } from "./request_book.ts";
import type { Settings } from "./settings.ts";
import { connectTcp } from "./tcp.ts";

/** The tools of `diagnose`, wired; dispose it to give the database back. */
export interface OpenDiagnoses extends AsyncDisposable {
  /** In the order in which topics are shown. */
  readonly tools: DiagnosisTools;
  readonly clock: Clock;
}

/** How far the tools go. */
export interface OpenDiagnosesOptions {
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
  const database = createLazyDatabase(settings, log);
  const book = openBook(database, { clock, log });
  const surroundings = { settings, log, clock, database, book, pattern: openPattern(database, book) };
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

function openBook(
  database: LazyDatabase,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): RequestBook {
  const open = async () => createSqlRequestHours(await database.get());
  const hours: RequestHours = {
    addMany: async (...order) => await (await open()).addMany(...order),
    prune: async (...order) => await (await open()).prune(...order),
    list: async (...order) => await (await open()).list(...order),
    perHour: async (...order) => await (await open()).perHour(...order),
  };
  return new RequestBook({ hours, purpose: "diagnose", clock, log });
}

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

function openCymruTool({ settings, clock, database, pattern, book }: Surroundings): DiagnosisTool {
  const place = settings.cymruWhoisAddr;
  // Paced by itself: a look opens one session and asks one question, also when the shared rate can't be read.
  const openCymru = (timeoutMs: number): CymruSource =>
    recordCymru(
      createCymruSource({
        connect: connectTcp,
        resolveTxt: createTxtResolver({ server: settings.cymruDnsServer }),
        clock,
        ...place,
        timeoutMs,
      }),
      book,
    );
  const probes = { ...createNetworkProbes(clock.elapsed), openCymru };
  return createCymruDiagnosis(
    { probes, circuits: openCircuits(database), pattern, clock },
    {
      place,
      references: settings.diagnoseReferences,
      dnsServer: settings.cymruDnsServer,
      cymruTimeoutMs: settings.cymruTimeoutMs,
    },
  );
}

function openGreynoiseTool(
  { settings, clock, database, pattern, book }: Surroundings,
  { isProbing, onProbe }: OpenDiagnosesOptions,
): DiagnosisTool {
  const greynoise = createGreynoiseSource({
    fetch: createFetch({ timeoutMs: settings.greynoiseTimeoutMs }),
    clock,
    server: settings.greynoiseApiServer,
    apiKey: settings.greynoiseApiKey,
    limiter: createTokenBucket({ ratePerSecond: 1, burst: 1, clock }),
    timeoutMs: settings.greynoiseTimeoutMs,
  });
  return createGreynoiseDiagnosis({
    probes: createNetworkProbes(clock.elapsed),
    greynoise: recordGreynoise(greynoise, book),
    ...openLedger(database, settings),
    circuits: openCircuits(database),
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

function openLatencyTool({ settings, log, database }: Surroundings): DiagnosisTool {
  return {
    diagnose: ({ timeoutMs }) =>
      diagnoseLatency(wireLatency(deferDatabase(database), settings, log), { timeoutMs }),
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

function openPattern(database: LazyDatabase, book: RequestBook): RequestPattern {
  const open = async () => createSqlRequestHours(await database.get());
  return {
    perHour: async (...order) => await (await open()).perHour(...order),
    list: async (...order) => {
      const hours = await open();
      // The probe of this very look belongs to what was spent.
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

function openCircuits(database: LazyDatabase): CircuitStore {
  const open = async () => createSqlCircuitStore(await database.get());
  return {
    readCircuit: async (...order) => await (await open()).readCircuit(...order),
    changeCircuit: async (...order) => await (await open()).changeCircuit(...order),
  };
}

function openLedger(
  database: LazyDatabase,
  settings: Settings,
): { readonly ledger: QuotaLedger; readonly control: QuotaControl } {
  const options = async () => ({
    sql: await database.get(),
    policies: { greynoise: settings.greynoiseQuota },
  });
  const ledger = async () => createSqlQuotaLedger(await options());
  const control = async () => createSqlQuotaControl(await options());
  return {
    ledger: {
      reserve: async (...order) => await (await ledger()).reserve(...order),
      release: async (...order) => await (await ledger()).release(...order),
      close: async (...order) => await (await ledger()).close(...order),
      read: async (...order) => await (await ledger()).read(...order),
    },
    control: {
      set: async (...order) => await (await control()).set(...order),
      reset: async (...order) => await (await control()).reset(...order),
      listChanges: async (...order) => await (await control()).listChanges(...order),
    },
  };
}
