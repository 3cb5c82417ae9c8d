import { hostname } from "node:os";
import {
  type Clock,
  type DiskSpace,
  type Log,
  MS_PER_SECOND,
  type QuotaLedger,
  type ReadDiskSpace,
} from "@ipcascade/core";
import {
  type BackupsHere,
  createAlertProbe,
  createAskGreynoiseOnce,
  createBackupProbe,
  createCircuitProbe,
  createCymruProbe,
  createDatabaseProbe,
  createDiskProbe,
  createEditionProbe,
  createEditionProviderProbe,
  createGreynoiseProbe,
  createInventoryProbe,
  createJobProbe,
  createQuotaProbe,
  findBackupEntry,
  type HealthProbe,
  readEditionStatus,
} from "@ipcascade/operations";
import { createSqlQuotaLedger, createSqlRequestHours } from "@ipcascade/store";
import { previousTick } from "./cron_ticks.ts";
import { readDiskSpace } from "./disk_space.ts";
import { type HealthDatabaseHandle, openHealthDatabase } from "./health_database.ts";
import { createLimiters } from "./limiters.ts";
import { createNodeClock } from "./node_clock.ts";
import { createNodeHasher } from "./node_hasher.ts";
import { openBackupPlace } from "./open_backup_place.ts";
import type { BorrowOptions } from "./open_database.ts";
import { openEditionProvider } from "./open_edition_provider.ts";
import { openEditions } from "./open_editions.ts";
import { RequestBook } from "./request_book.ts";
import { parseS3Location } from "./settings_backup_values.ts";
import type { Settings } from "./settings.ts";
import { wireCymru, wireGreynoise } from "./wire_sources.ts";

/** Everything that health looks at; dispose it to give the database back, which never takes long. */
export interface OpenHealth extends AsyncDisposable {
  readonly probes: readonly HealthProbe[];
  readonly clock: Clock;
}

/** How health is opened. */
export interface OpenHealthOptions extends BorrowOptions {
  readonly timeoutMs: number;
  /** Whether the providers are asked, too. */
  readonly withProviders?: boolean;
  /** By default of the data directory. */
  readonly readSpace?: ReadDiskSpace;
}

/** Wires what health looks at. Nothing is opened before a probe runs, and nothing is made or migrated. */
export async function openHealth(
  settings: Settings,
  log: Log,
  options: OpenHealthOptions,
): Promise<OpenHealth> {
  const clock = options.clock ?? createNodeClock();
  const handle = openHealthDatabase(settings, options);
  // Only the questions to the providers are recorded, and only they write to the database.
  const book = new RequestBook({
    hours: createSqlRequestHours(handle.sql),
    purpose: "check-health",
    clock,
    log,
    lastWriteMs: LAST_WRITE_MS,
  });
  const parts = { settings, clock, handle, database: handle.database, book };
  return {
    clock,
    probes: [
      await wireEditions(parts, log),
      ...wireStores(parts, await openBackupsHere(settings, log, clock)),
      createDiskProbe(options.readSpace ?? (() => readOwnSpace(settings))),
      ...options.withProviders === true ? wireProviders(parts, options) : [],
    ],
    [Symbol.asyncDispose]: () => book[Symbol.asyncDispose]().finally(() => handle[Symbol.asyncDispose]()),
  };
}

interface Parts {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly handle: HealthDatabaseHandle;
  readonly database: HealthDatabaseHandle["database"];
  readonly book: RequestBook;
}

function readOwnSpace({ dataDir }: Settings): Promise<DiskSpace> {
  return readDiskSpace(dataDir);
}

async function wireEditions({ settings, clock, handle }: Parts, log: Log): Promise<HealthProbe> {
  const { deps, policy, settings: fingerprint } = await openEditions(settings, log, {
    clock,
    database: handle.sql,
  });
  return createEditionProbe({
    readStatus: () => readEditionStatus(deps, { policy, settings: fingerprint }),
    clock,
  });
}

/** Backups in a bucket are not looked at: health asks nobody else. */
async function openBackupsHere(settings: Settings, log: Log, clock: Clock): Promise<BackupsHere | null> {
  if (parseS3Location(settings.backupDir) !== null) return null;
  const place = await openBackupPlace(settings, log, clock);
  const deps = { place, createHasher: createNodeHasher };
  return { host: hostname(), place: place.place, find: (id) => findBackupEntry(deps, id) };
}

function wireStores(
  { settings, database, clock }: Parts,
  here: BackupsHere | null,
): readonly HealthProbe[] {
  const deps = { database, clock };
  return [
    createQuotaProbe(deps, { refreshShare: settings.greynoiseRefreshShare }),
    createCircuitProbe(deps),
    createInventoryProbe(deps),
    createJobProbe({ ...deps, previousTick, isEmbedded: settings.databaseUrl === null }, settings.schedules),
    createDatabaseProbe(database),
    createBackupProbe(deps, { isScheduled: settings.schedules["back-up"] !== null, here }),
    createAlertProbe({ ...deps, notifiers: listNotifiers(settings) }),
  ];
}

/** Names of the notifiers that alerts are sent by; what is configured of them is enough to know. */
function listNotifiers({ smtpUrl, alertEmailTo, alertWebhookUrl }: Settings): readonly string[] {
  const mail = smtpUrl !== null && alertEmailTo.length > 0 ? ["mail"] : [];
  return alertWebhookUrl === null ? mail : [...mail, "webhook"];
}

/** Health ends in its time, also where the database hangs. */
const LAST_WRITE_MS = 200;

/** A provider that is silent is given up a second early, so that its check can say that it was silent. */
const SPARE_MS = MS_PER_SECOND;

function wireProviders(
  { settings, clock, handle, book }: Parts,
  { timeoutMs }: OpenHealthOptions,
): readonly HealthProbe[] {
  const within = (ownMs: number) => Math.max(SPARE_MS / 2, Math.min(ownMs, timeoutMs - SPARE_MS));
  // One question each by hand: the rate that processes share is not needed, nor waited for.
  const limiters = createLimiters({ clock, shared: null });
  const wiring = { clock, record: book };
  const cymru = wireCymru(settings, {
    ...wiring,
    timeoutMs: within(settings.cymruTimeoutMs),
    sessionLimiter: limiters.cymru_whois,
    dnsLimiter: limiters.cymru_dns,
  });
  const greynoise = wireGreynoise(settings, {
    ...wiring,
    timeoutMs: within(settings.greynoiseTimeoutMs),
    limiter: limiters.greynoise,
  });
  const openLedger = (): Promise<QuotaLedger> =>
    Promise.resolve(
      createSqlQuotaLedger({ sql: handle.sql, policies: { greynoise: settings.greynoiseQuota } }),
    );
  return [
    createCymruProbe(cymru),
    createGreynoiseProbe(createAskGreynoiseOnce({ greynoise, openLedger, clock })),
    createEditionProviderProbe({
      openProvider: () => openEditionProvider(settings, clock),
      editionIds: settings.editionIds,
    }),
  ];
}
