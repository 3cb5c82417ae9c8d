import type { AlertReport } from "../alerts/mod.ts";
import type { BackupPruneReport, BackUpReport } from "../backup/mod.ts";
import type { CoverageReport, CoverageSnapshotReport, NoCoverageReport } from "../coverage/mod.ts";
import type { PruneReport, RecoveryReport, UpdateReport } from "../editions/mod.ts";
import type { HealthReport } from "../health/mod.ts";
import type { QuotaReport } from "../quota/mod.ts";
import type { RefreshReport } from "../refresh/mod.ts";

/** What the job `prune` destroyed. */
export interface PruneJobReport {
  readonly operation: "prune";
  readonly editions: PruneReport;
  readonly backups: BackupPruneReport;
}

/** What was found, with what was told to whom. */
export type ToldReport<Report> = Report & { readonly alerts: AlertReport };

/** The report of each job: that of its operation. */
export interface JobReports {
  readonly "check-health": ToldReport<HealthReport>;
  readonly "check-quota": ToldReport<QuotaReport>;
  readonly "update-editions": UpdateReport;
  readonly "prune": PruneJobReport;
  readonly "refresh-stale": RefreshReport;
  readonly "backfill-asn": RefreshReport;
  readonly "snapshot-coverage": CoverageSnapshotReport;
  readonly "report-coverage": CoverageReport | NoCoverageReport;
  readonly "recover-editions": RecoveryReport;
  readonly "back-up": BackUpReport;
}
