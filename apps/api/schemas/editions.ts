import { z } from "@hono/zod-openapi";
import { EDITION_KINDS } from "@ipcascade/core";
import type { EditionStatusItem, EditionStatusReport } from "@ipcascade/operations";
import { describing } from "./agreement.ts";
import { count, instant, listOf, ReportedErrorSchema, text } from "./common.ts";

const EditionGradeSchema = z.enum(["ok", "info", "warning", "critical"]).openapi("EditionGrade", {
  description:
    "Up to 7 days `ok`, then `info`, above 14 `warning`; missing, damaged or expired is `critical`",
});

const ItemSchema = describing<EditionStatusItem>()(
  z.object({
    edition_id: text("What was asked for", "GeoLite2-City"),
    kind: z.enum(EDITION_KINDS),
    file: text("Null when there is none").nullable(),
    database_type: text("What the database calls itself", "GeoLite2-City").nullable(),
    build_epoch: count("Seconds since 1970 UTC").nullable(),
    built_at: instant("The same as an instant").nullable(),
    age_days: z.number().nullable().openapi({ description: "Days since the build", example: 3.2 }),
    grade: EditionGradeSchema,
    message: text("Why, in one sentence", "fresh, built 3 days ago"),
    size_bytes: count("Bytes").nullable(),
    sha256: text("Hexadecimal").nullable(),
    expires_at: instant("By when the licence wants it destroyed, once a newer release was seen").nullable(),
    attribution: text("What has to be shown wherever its results are shown").nullable(),
  }).openapi("EditionStatusItem"),
);

const AttemptSchema = z.object({
  started_at: instant(),
  ended_at: instant("Null while it runs, and when it was killed").nullable(),
  outcome: z.enum(["installed", "current", "failed"]).nullable(),
  error: ReportedErrorSchema.nullable(),
}).openapi("EditionAttempt");

const RejectedSchema = z.object({
  edition_id: text(),
  release: text("The provider's name for it", "20261120"),
  reason: z.enum(["verification", "rolled_back"]),
  message: text(),
  at: instant(),
}).openapi("RejectedRelease");

/** What serves, and how updating stands. */
export const EditionStatusSchema = describing<EditionStatusReport>()(
  z.object({
    operation: z.literal("edition-status"),
    grade: EditionGradeSchema,
    place: text("Where editions are kept", "/var/lib/ipcascade/editions"),
    serving: z.enum(["set", "plain", "nothing"]).openapi({
      description: "A set, plain files as geoipupdate leaves them, or nothing",
    }),
    set: text("Null where no set serves", "20261125-041500-1a2b3c4d").nullable(),
    provider: text("Who delivered the set", "maxmind").nullable(),
    items: listOf(ItemSchema),
    checked_at: instant("When a provider last said what it offers").nullable(),
    attempt: AttemptSchema.nullable(),
    failures: count("Failed attempts in a row"),
    next_attempt_at: instant("The earliest, when something holds it back").nullable(),
    downloads_today: count("Begun since midnight UTC"),
    rejected: listOf(RejectedSchema),
  }).openapi("EditionStatusReport"),
);
