import { assertEquals } from "@std/assert";
import { proveApiStream } from "./evidence/api_stream.ts";
import { proveBackupDamages } from "./evidence/backup_damage_run.ts";
import { proveBackupKills } from "./evidence/backup_kill.ts";
import { proveRoundTrip } from "./evidence/backup_round_trip.ts";
import { proveClaims } from "./evidence/claims_race.ts";
import { proveSameAnswers } from "./evidence/lookup_oracle.ts";
import { proveCorruption } from "./evidence/corruption.ts";
import { proveEditionKills } from "./evidence/edition_kill.ts";
import { proveEmbeddedKills } from "./evidence/embedded_kill.ts";
import type { Evidence } from "./evidence/figures.ts";
import { proveOverlap } from "./evidence/overlap.ts";
import { proveQueueWork } from "./evidence/queue.ts";
import { proveQuota } from "./evidence/quota_race.ts";
import { proveShares } from "./evidence/quota_share.ts";
import { proveRate } from "./evidence/rate_race.ts";
import { proveRefreshFaults } from "./evidence/refresh_faults.ts";
import { proveRefreshWorkers } from "./evidence/refresh_workers.ts";
import { proveReport } from "./evidence/report_cost.ts";
import { proveRuntimes } from "./evidence/runtimes.ts";
import { proveUpdateKills } from "./evidence/update_kill.ts";

/** The short form of `deno task prove`. */
const SHORT: Readonly<Record<string, () => Promise<Evidence>>> = {
  "a quota is never exceeded by racing or killed processes": () =>
    proveQuota({ processes: 3, lookups: 12, limit: 20, killRounds: 1 }),
  "a share of a quota is never exceeded by racing processes": () => proveShares({ processes: 2, rounds: 90 }),
  // A loaded machine may use less of the rate, never more.
  "processes on one server keep one rate together, also while some are killed": () =>
    proveRate({ processes: 3, seconds: 3, killEverySeconds: 1.5, maxLoss: 0.5, maxAnswerMs: 500 }),
  "processes that ask about the same addresses at once ask once about each": () =>
    proveClaims({ addresses: 40, enrichers: 2 }),
  "refreshing survives failing sources and a scarce quota": () =>
    proveRefreshFaults({ rows: 3_000, quotaRows: 200, quota: 20 }),
  "workers that refresh the same rows do each once in effect, also when one is killed": () =>
    proveRefreshWorkers({ workers: 3, rows: 60, killSeconds: 3, killEverySeconds: 3, maxFreeSeconds: 0 }),
  "overlapping enrichment loses and doubles nothing": () =>
    proveOverlap({ processes: 3, addresses: 4_000, pool: 6_400, asns: 25 }),
  "workers that share a queue do everything once, also when one is killed": () =>
    proveQueueWork({ addresses: 40_000, workers: 3, isHurried: true }),
  "kill -9 loses no delivered record of the embedded database": () => proveEmbeddedKills({ rounds: 1 }),
  "kill -9 of an updater leaves one whole set of editions serving": () => proveEditionKills({ rounds: 15 }),
  "kill -9 of editions update leaves the old or the new set serving": () => proveUpdateKills({ rounds: 5 }),
  "backups move every row from a server to the embedded database and to another server": () =>
    proveRoundTrip({ rows: 3_000, sessions: 1_000, maxServerMb: 300 }),
  "kill -9 leaves no half backup, and the old or the new database": () =>
    proveBackupKills({ rows: 1_000, sessions: 300, rounds: 2 }),
  "every damaged backup is found out and never restored": () =>
    proveBackupDamages({ rows: 500, sessions: 200, damages: 32 }),
  // With few rows what is not counting weighs more.
  "a coverage report counts right in one pass over the inventory": () =>
    proveReport({ rows: 20_000, rounds: 2, maxRatio: 40, maxGrownMb: 64 }),
  "addresses stream through the API, early, bounded, and not for who is gone": () =>
    proveApiStream({ addresses: 10_000, maxBefore: 9_000, maxMb: 450, isRealSize: false }),
  "the command runs on Deno, Bun and Node": () => proveRuntimes(),
  "look-ups answer like the maxmind package": () => proveSameAnswers({ random: 10_000, isRealSize: false }),
  "no corrupted edition crashes or holds up verification or look-ups": () =>
    proveCorruption({ changes: 500 }),
};

for (const [claim, prove] of Object.entries(SHORT)) {
  Deno.test(claim, async () => assertEquals((await prove()).broken, []));
}
