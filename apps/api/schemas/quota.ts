import { z } from "@hono/zod-openapi";
import { MAX_QUOTA, SOURCE_NAMES } from "@ipcascade/core";
import type { QuotaReport, QuotaSnapshot, SetQuotaReport } from "@ipcascade/operations";
import { describing } from "./agreement.ts";
import {
  count,
  instant,
  percent,
  QuotaOriginSchema,
  QuotaPeriodSchema,
  ReportedErrorSchema,
  text,
} from "./common.ts";

const SNAPSHOT = {
  source: z.enum(SOURCE_NAMES),
  limit: count("Requests in a period"),
  period: QuotaPeriodSchema,
  origin: QuotaOriginSchema,
  since: instant("When the provider or the operator first said so; null for the setting's word").nullable(),
  used: count("Requests that were reserved or sent in this window"),
  remaining: count("0 while a 429 keeps the source closed"),
  window_starts_at: instant(),
  resets_at: instant("When the window ends, and the counter starts at 0"),
  closed_until: instant("Set while a 429 keeps the source closed").nullable(),
};

const SnapshotSchema = describing<QuotaSnapshot>()(z.object(SNAPSHOT).openapi("QuotaSnapshot"));

/** What is left of the quota. */
export const QuotaReportSchema = describing<QuotaReport>()(
  z.object({
    operation: z.literal("check-quota"),
    source: SNAPSHOT.source,
    grade: z.enum(["ok", "warning", "critical", "unknown"]).openapi({
      description: "Less than a fifth left is `warning`, less than a tenth `critical`",
    }),
    message: text("Why, in one sentence", "8120 of 10000 left (81.2 %), resets in 6 h 12 min"),
    limit: SNAPSHOT.limit.nullable(),
    period: SNAPSHOT.period.nullable(),
    origin: SNAPSHOT.origin.nullable(),
    since: SNAPSHOT.since,
    used: SNAPSHOT.used.nullable(),
    remaining: SNAPSHOT.remaining.nullable(),
    window_starts_at: SNAPSHOT.window_starts_at.nullable(),
    resets_at: SNAPSHOT.resets_at.nullable(),
    closed_until: SNAPSHOT.closed_until,
    remaining_percent: percent("Percent with one decimal; null for a limit of 0"),
    resets_in_s: count("Seconds until `resets_at`, begun ones included").nullable(),
    refresh_share: z.number().openapi({ description: "Part of the limit that refreshing may use, 0 to 1" }),
    refresh_limit: count("What that is in requests").nullable(),
    refresh_remaining: count("What of it is left").nullable(),
    forecast: z.enum(["empty", "lasts", "unknown", "runs_out"]).openapi({
      description: "What becomes of it at the mean rate since the window's first request",
    }),
    empty_at: instant("When it is empty, for `runs_out`").nullable(),
    checked_at: instant(),
    error: ReportedErrorSchema.nullable(),
  }).openapi("QuotaReport"),
);

/** What an operator's word changed. */
export const SetQuotaReportSchema = describing<SetQuotaReport>()(
  z.object({
    operation: z.literal("set-quota"),
    status: z.literal("done"),
    action: z.enum(["closed", "set", "reset"]),
    at: instant(),
    actor: text("Who asked, and from where", "operate token 1 from 192.0.2.7"),
    reason: text().nullable(),
    before: SnapshotSchema,
    after: SnapshotSchema,
  }).openapi("SetQuotaReport"),
);

/** An operator's word about the quota. */
export const QuotaOrderSchema = z.strictObject({
  limit: z.number().int().min(0).max(MAX_QUOTA).openapi({
    description: "Requests in a period",
    example: 10_000,
  }),
  period: QuotaPeriodSchema,
  used: z.number().int().min(0).max(MAX_QUOTA).optional().openapi({
    description: "Requests used in the present window; as counted where it is absent",
  }),
  reason: z.string().max(500).optional().openapi({ description: "Why, for the record", example: "New plan" }),
}).openapi("QuotaOrder");
