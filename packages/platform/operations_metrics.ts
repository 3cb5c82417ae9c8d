import { MS_PER_MINUTE, MS_PER_SECOND } from "@ipcascade/core";
import {
  type BackupFigures,
  type DatabaseFigures,
  type KnownFigures,
  measure,
  type MetricOperations,
  readBackupEntries,
  readDatabaseFigures,
  Refreshed,
  type ReportOperations,
  singleFlight,
  summarizeBackups,
} from "@ipcascade/operations";
import { createSqlInventoryCensus } from "@ipcascade/store";
import { previousTick } from "./cron_ticks.ts";
import { readDiskSpace } from "./disk_space.ts";
import { openHealthDatabase } from "./health_database.ts";
import { waitAtMost } from "./lazy_database.ts";
import { createNodeHasher } from "./node_hasher.ts";
import { openBackupPlace } from "./open_backup_place.ts";
import type { OperationParts } from "./open_operations.ts";
import { createProcessFigures } from "./process_figures.ts";
import { parseS3Location } from "./settings_backup_values.ts";

/** Measuring, and what it remembers of what others ask. */
export interface WiredMetrics {
  /** `checkHealth` is the one that was given; what it finds is remembered. */
  readonly operations: MetricOperations & Pick<ReportOperations, "checkHealth">;
  /** Waits, but not for long, for what is being read. */
  close(): Promise<void>;
}

/** Between two passes over the inventory, or over the bytes of the editions. */
const EVERY_MS = 5 * MS_PER_MINUTE;
/** For one of them. */
const LIMIT_MS = MS_PER_MINUTE;
const CLOSE_MS = MS_PER_SECOND / 2;

type Reports = Pick<ReportOperations, "checkHealth" | "readEditionStatus">;

/** Wires measuring. What is dear to read is read in the background, once somebody measures. */
export function wireMetrics(parts: OperationParts, reports: Reports): WiredMetrics {
  const { settings, clock, version, requests } = parts;
  const known = keepKnown(parts, reports);
  const { inventory, editions, backups, health } = known;
  const figures: KnownFigures = {
    inventory: () => inventory.get(),
    editions: () => editions.get(),
    backups: () => backups.get(),
    health: () => health.get(),
  };
  const deps = {
    clock,
    version,
    requests,
    known: figures,
    process: createProcessFigures(),
    ping: singleFlight(() => ping(parts)),
    readDatabase: singleFlight(() => readDatabase(parts)),
    readSpace: singleFlight(() => readDiskSpace(settings.dataDir)),
  };
  return {
    operations: {
      measure: singleFlight(() => measure(deps)),
      checkHealth: async () => {
        const report = await reports.checkHealth();
        health.put(report);
        return report;
      },
    },
    close: () => waitAtMost(Promise.all(Object.values(known).map((one) => one.settle())), CLOSE_MS),
  };
}

function keepKnown(parts: OperationParts, reports: Reports) {
  const { clock, shared, log } = parts;
  const keep = <T>(what: string, read: () => Promise<T>) =>
    new Refreshed(read, {
      clock,
      everyMs: EVERY_MS,
      limitMs: LIMIT_MS,
      onFailure: (error) => log.debug(`The ${what} can't be measured`, { reason: String(error) }),
    });
  const census = createSqlInventoryCensus(shared.sql);
  return {
    inventory: keep("inventory", async () => {
      const countedAt = clock.now();
      return { countedAt, counts: await census.count(countedAt) };
    }),
    editions: keep("editions", () => reports.readEditionStatus()),
    backups: keep("backups", () => readBackups(parts)),
    health: keep("health", () => reports.checkHealth()),
  };
}

/** On a connection of its own where there is one: it does not wait behind the work. */
async function ping({ shared, clock }: OperationParts): Promise<number> {
  const startedAt = clock.elapsed();
  await shared.signs.query("select 1");
  return clock.elapsed() - startedAt;
}

async function readDatabase({ settings, shared, clock }: OperationParts): Promise<DatabaseFigures> {
  await using handle = openHealthDatabase(settings, { timeoutMs: MS_PER_SECOND, database: shared.sql });
  const { database } = handle;
  const { schedules, databaseUrl } = settings;
  const isEmbedded = databaseUrl === null;
  return await readDatabaseFigures({ database, clock, previousTick, schedules, isEmbedded });
}

/** Backups in a bucket are not looked at: a scrape asks nobody else. */
async function readBackups({ settings, log, clock }: OperationParts): Promise<BackupFigures | null> {
  if (parseS3Location(settings.backupDir) !== null) return null;
  const place = await openBackupPlace(settings, log, clock);
  return summarizeBackups(await readBackupEntries({ place, createHasher: createNodeHasher }));
}
