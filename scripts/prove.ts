/**
 * Heavy evidence, each with its figures and conditions: `deno task prove [NAME…]`. Ends with 1 when a claim
 * did not hold.
 */
import { proveApiChaos } from "../test/evidence/api_chaos.ts";
import { proveApiLatency } from "../test/evidence/api_latency.ts";
import { proveApiSoak } from "../test/evidence/api_soak.ts";
import { proveApiStream } from "../test/evidence/api_stream.ts";
import { proveHostileRequests } from "../test/evidence/api_hostile.ts";
import { proveBackupDamages } from "../test/evidence/backup_damage_run.ts";
import { proveBackupKills } from "../test/evidence/backup_kill.ts";
import { proveRoundTrip } from "../test/evidence/backup_round_trip.ts";
import { proveBackupS3 } from "../test/evidence/backup_s3.ts";
import { proveClaims } from "../test/evidence/claims_race.ts";
import { proveCorruption } from "../test/evidence/corruption.ts";
import { proveColdStart } from "../test/evidence/deploy_cold_start.ts";
import { proveEditionKills } from "../test/evidence/edition_kill.ts";
import { proveEmbeddedKills } from "../test/evidence/embedded_kill.ts";
import type { Evidence } from "../test/evidence/figures.ts";
import { proveSameAnswers } from "../test/evidence/lookup_oracle.ts";
import { proveMemory } from "../test/evidence/memory.ts";
import { proveOverlap } from "../test/evidence/overlap.ts";
import { provePrometheus } from "../test/evidence/prometheus.ts";
import { proveQueueWork } from "../test/evidence/queue.ts";
import { proveQuota } from "../test/evidence/quota_race.ts";
import { proveShares } from "../test/evidence/quota_share.ts";
import { proveRate } from "../test/evidence/rate_race.ts";
import { proveRefreshCost } from "../test/evidence/refresh_cost.ts";
import { proveRefreshFaults } from "../test/evidence/refresh_faults.ts";
import { proveRefreshWorkers } from "../test/evidence/refresh_workers.ts";
import { proveReport } from "../test/evidence/report_cost.ts";
import { proveRuntimes } from "../test/evidence/runtimes.ts";
import { proveSchedulerDatabase } from "../test/evidence/scheduler_database.ts";
import { proveSchedulerFires } from "../test/evidence/scheduler_fires.ts";
import { proveSchedulerKills } from "../test/evidence/scheduler_kill.ts";
import { proveSchedulerStops } from "../test/evidence/scheduler_stop.ts";
import { proveSchedulerTimes } from "../test/evidence/scheduler_times.ts";
import { proveUpdateKills } from "../test/evidence/update_kill.ts";
import { proveVerification } from "../test/evidence/verification.ts";
import { proveYear } from "../test/evidence/year.ts";
import { YEAR } from "../test/year/plan.ts";

const STREAM_LOAD = { addresses: 1_000_000, maxBefore: 10_000, maxMb: 450, isRealSize: true };

const PROOFS: Readonly<Record<string, () => Promise<Evidence>>> = {
  quota: () => proveQuota({ processes: 8, lookups: 50, limit: 100, killRounds: 3 }),
  "quota-share": () => proveShares({ processes: 4, rounds: 120 }),
  rate: () => proveRate({ processes: 4, seconds: 30, killEverySeconds: 5, maxLoss: 0.05, maxAnswerMs: 50 }),
  "refresh-workers": () =>
    proveRefreshWorkers({ workers: 4, rows: 700, killSeconds: 60, killEverySeconds: 5, maxFreeSeconds: 1 }),
  "refresh-faults": () => proveRefreshFaults({ rows: 100_000, quotaRows: 5_000, quota: 500 }),
  "refresh-cost": () =>
    proveRefreshCost({ small: 10_000, large: 1_000_000, share: 0.01, same: 1_000, maxGrowth: 1.3 }),
  report: () => proveReport({ rows: 1_000_000, rounds: 5, maxRatio: 4, maxGrownMb: 32 }),
  claims: () => proveClaims({ addresses: 300, enrichers: 4 }),
  overlap: () => proveOverlap({ processes: 4, addresses: 20_000, pool: 30_000, asns: 25 }),
  queue: () => proveQueueWork({ addresses: 200_000, workers: 3, isHurried: false }),
  "embedded-kill": () => proveEmbeddedKills({ rounds: 5 }),
  "edition-kill": () => proveEditionKills({ rounds: 100 }),
  "update-kill": () => proveUpdateKills({ rounds: 100 }),
  "backup-round-trip": () => proveRoundTrip({ rows: 1_000_000, sessions: 200_000, maxServerMb: 300 }),
  "backup-kill": () => proveBackupKills({ rows: 20_000, sessions: 5_000, rounds: 25 }),
  "backup-damage": () => proveBackupDamages({ rows: 2_000, sessions: 500, damages: 200 }),
  "backup-s3": () => proveBackupS3({ rows: 400_000, sessions: 20_000 }),
  // Another seed each time, which is printed with the conditions.
  "api-hostile": () =>
    proveHostileRequests({ requests: 5_000, seed: Math.floor(Math.random() * 2 ** 31), maxGrownMb: 64 }),
  memory: () => proveMemory({ logBytes: 1_000_000_000, addresses: 1_000_000, maxMb: 450 }),
  prometheus: () => provePrometheus({ scrapes: 6 }),
  "api-stream": () => proveApiStream(STREAM_LOAD),
  "api-stream-embedded": () => proveApiStream({ ...STREAM_LOAD, isEmbedded: true }),
  "api-chaos": () => proveApiChaos({ hasSwitch: true, awaySeconds: 8, calmSeconds: 3 }),
  "api-latency": () => proveApiLatency({ rows: 10_000, seconds: 5, rounds: 3, maxRatio: 10 }),
  "api-soak": () =>
    proveApiSoak({
      seconds: 600,
      fillSeconds: 8,
      // The heap takes some minutes to its size, for what is remembered is replaced each minute.
      settledSeconds: 300,
      maxGrowth: 0.1,
      maxMb: 600,
      offlineAddresses: 200_000,
    }),
  "scheduler-fires": () => proveSchedulerFires({ schedulers: 3, seconds: 30, offsetMs: 200 }),
  "scheduler-twins": () => proveSchedulerTimes({ schedulers: 5, minutes: 5 }),
  "scheduler-kill": () => proveSchedulerKills({ rounds: 6, rows: 150, isHurried: false }),
  "scheduler-stop": () => proveSchedulerStops({ rounds: 5, rows: 100 }),
  "scheduler-database": () => proveSchedulerDatabase({ rows: 400, awaySeconds: 70 }),
  "deploy-cold-start": () => proveColdStart({ rounds: 5, maxSeconds: 2, maxMb: 512, farMs: 5 }),
  runtimes: proveRuntimes,
  "same-answers": () => proveSameAnswers({ random: 2_000_000, isRealSize: true }),
  corruption: () => proveCorruption({ changes: 500 }),
  year: () => proveYear(YEAR),
  verification: () => proveVerification({ maxSeconds: 10, maxMb: 60, maxWaitMs: 100 }),
};

const names = Deno.args.length > 0 ? Deno.args : Object.keys(PROOFS);
for (const name of names) {
  const prove = PROOFS[name];
  if (prove === undefined) {
    console.error(`Cannot prove "${name}": allowed are ${Object.keys(PROOFS).join(", ")}`);
    Deno.exit(2);
  }
  const started = performance.now();
  const { conditions, figures, broken } = await prove();
  console.log(
    `\n${name}: ${broken.length === 0 ? "holds" : "BROKEN"} (${
      Math.round((performance.now() - started) / 1000)
    } s)`,
  );
  console.log(`  conditions: ${conditions}`);
  for (const [figure, value] of Object.entries(figures)) console.log(`  ${figure}: ${value}`);
  for (const claim of broken) console.log(`  broken: ${claim}`);
  if (broken.length > 0) Deno.exitCode = 1;
}
