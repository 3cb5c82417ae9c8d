import { z } from "@hono/zod-openapi";
import { SCANNER_CLASSES } from "@ipcascade/core";
import type {
  CoverageReport,
  JobOutcomes,
  ReportBasis,
  ReportChange,
  ReportPeriod,
  ReportQuota,
  TrendDay,
} from "@ipcascade/operations";
import { describing } from "./agreement.ts";
import {
  count,
  instant,
  JobNameSchema,
  listOf,
  percent,
  QuotaOriginSchema,
  QuotaPeriodSchema,
  ShareSchema,
  text,
} from "./common.ts";

const day = (description?: string) =>
  z.string().openapi({ format: "date", example: "2026-10-31", description });
const month = (description?: string) => text(description, "2026-10");
const points = () => z.number().nullable().openapi({ description: "Percentage points" });

const PeriodSchema = describing<ReportPeriod>()(
  z.object({
    month: month(),
    starts_at: instant(),
    ends_at: instant("Exclusive"),
    is_complete: z.boolean().openapi({ description: "False for the present month, reported to date" }),
  }).openapi("ReportPeriod"),
);

const BasisSchema = describing<ReportBasis>()(
  z.object({
    kind: z.enum(["snapshot", "measurement"]).openapi({
      description: "A kept snapshot, or the inventory as it is now",
    }),
    day: day(),
    measured_at: instant(),
    is_last_day: z.boolean().openapi({ description: "True when it is of the month's last day" }),
  }).openapi("ReportBasis"),
);

const QuotaSchema = describing<ReportQuota>()(
  z.object({
    limit: count("Requests in a period"),
    period: QuotaPeriodSchema,
    origin: QuotaOriginSchema,
    used: count(),
    remaining: count(),
    used_percent: percent(),
    window_starts_at: instant(),
    resets_at: instant(),
  }).openapi("ReportQuota", { description: "GreyNoise's quota at the moment of the figures" }),
);

const JobOutcomesSchema = describing<JobOutcomes>()(
  z.object({
    job: JobNameSchema,
    runs: count(),
    succeeded: count(),
    partly_failed: count(),
    failed: count(),
    stopped: count(),
    skipped: count(),
    unfinished: count("Had not ended by the end of the period"),
  }).openapi("JobOutcomes"),
);

const ChangeSchema = describing<ReportChange>()(
  z.object({
    month: month("The month before"),
    day: day("The day of its last snapshot"),
    addresses: count(),
    with_asn: count(),
    with_geo: count(),
    scanners: count(),
    riot: count(),
    asn_points: points(),
    geo_points: points(),
  }).openapi("ReportChange", { description: "Later minus earlier" }),
);

const TrendDaySchema = describing<TrendDay>()(
  z.object({
    day: day(),
    addresses: count(),
    asn_percent: percent(),
    geo_percent: percent(),
    scanners: count(),
    riot: count(),
    quota_used: count("Requests to GreyNoise in the quota's window of that moment"),
  }).openapi("TrendDay"),
);

const StaleSchema = z.object({
  cymru: ShareSchema,
  greynoise: ShareSchema,
  never_enriched: ShareSchema,
  never_asked_greynoise: ShareSchema,
}).openapi("StaleShares", { description: "Answers that are too old, or missing" });

/** The report on a month. */
export const CoverageReportSchema = describing<CoverageReport>()(
  z.object({
    operation: z.literal("report-coverage"),
    status: z.literal("done"),
    message: text("What the figures are from, in one sentence"),
    period: PeriodSchema,
    basis: BasisSchema,
    denominator: z.object({
      addresses: count(),
      definition: text(),
      excluded: count("Rows of the inventory that are not counted"),
    }).openapi({ description: "What every share of coverage is a part of" }),
    totals: z.object({ rows: count(), ipv4: count(), ipv6: count() }),
    asn: ShareSchema,
    geo: ShareSchema,
    scanners: ShareSchema,
    riot: ShareSchema,
    asn_sources: listOf(ShareSchema.extend({ source: z.enum(["maxmind", "cymru", "unknown"]) })),
    scanner_classes: listOf(ShareSchema.extend({ class: z.enum(SCANNER_CLASSES) })),
    country_count: count(),
    top_countries: listOf(ShareSchema.extend({ country: text("ISO alpha-2", "DE") })),
    countries: z.record(z.string(), z.number().int()).openapi({
      description: "Addresses of every country by its ISO alpha-2 code",
      example: { DE: 120, US: 911 },
    }),
    asn_count: count(),
    top_asns: listOf(ShareSchema.extend({ asn_number: count(), asn_org: text().nullable() })),
    stale: StaleSchema,
    quota: QuotaSchema,
    jobs: listOf(JobOutcomesSchema),
    change: ChangeSchema.nullable().openapi({ description: "Null when the month before has no snapshot" }),
    trend: listOf(TrendDaySchema).openapi({ description: "The days with a snapshot, the oldest first" }),
    left_out: listOf(z.object({ day: day(), message: text() })).openapi({
      description: "Snapshots that can't be read",
    }),
  }).openapi("CoverageReport"),
);
