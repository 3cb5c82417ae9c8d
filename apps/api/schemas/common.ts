import { z } from "@hono/zod-openapi";
import { type Grade, GRADES, JOB_NAMES, type QuotaOrigin, type QuotaPeriod } from "@ipcascade/core";
import type { ReportedError, Share } from "@ipcascade/operations";
import { describing } from "./agreement.ts";

/** An instant, RFC 3339 UTC. */
export function instant(description?: string) {
  return z.string().openapi({ format: "date-time", example: "2026-11-24T06:00:00.000Z", description });
}

/** A list that nobody changes. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.array(item).readonly();
}

/** A whole number of something. */
export function count(description?: string) {
  return z.number().int().openapi({ description });
}

/** A text for people or programs, with what it means. */
export function text(description?: string, example?: string) {
  return z.string().openapi({ description, example });
}

/** How good or bad something is. */
export const GradeSchema = describing<Grade>()(
  z.enum(GRADES as readonly [Grade, ...Grade[]]).openapi("Grade", {
    description: "From the best to the worst; `unknown` is what could not be found out, which is never good",
  }),
);

/** A part of the addresses. */
export const ShareSchema = describing<Share>()(
  z.object({ addresses: count(), percent: percent() }).openapi("Share", {
    description: "A number of addresses, and what part that is",
  }),
);

/** Percent, or null where there is no whole. */
export function percent(description = "Percent; null where there is no whole") {
  return z.number().nullable().openapi({ description });
}

/** An error within a report. */
export const ReportedErrorSchema = describing<ReportedError>()(
  z.object({ code: text("Stable, unlike the wording", "STORE_FAILED"), message: text() })
    .openapi("ReportedError"),
);

/** A calendar period of a quota. */
export const QuotaPeriodSchema = describing<QuotaPeriod>()(
  z.enum(["day", "week", "month"]).openapi("QuotaPeriod", {
    description: "A calendar period in UTC; weeks start on Monday",
  }),
);

/** Whose word a quota's limit is. */
export const QuotaOriginSchema = describing<QuotaOrigin>()(
  z.enum(["setting", "provider", "operator"]).openapi("QuotaOrigin", {
    description: "Whose word the limit is: the setting's, a 429 of the provider, or an operator's",
  }),
);

/** A job of the catalogue. */
export const JobNameSchema = z.enum(JOB_NAMES).openapi({ example: "update-editions" });
