import { z } from "@hono/zod-openapi";
import { HEALTH_GROUPS, type HealthLimit } from "@ipcascade/core";
import type { HealthItem, HealthReport } from "@ipcascade/operations";
import { describing } from "./agreement.ts";
import { count, GradeSchema, instant, listOf, text } from "./common.ts";

const StatusSchema = z.enum(["pass", "warn", "fail"]).openapi("HealthStatus", {
  description: "In the words of health+json: `ok` and `info` pass, `warning` warns, the others fail",
});

const LimitSchema = describing<HealthLimit>()(
  z.union([z.object({ above: z.number() }), z.object({ below: z.number() })]).openapi("HealthLimit", {
    description: "From where on a value is worth the grade; the limit itself is still good",
    example: { above: 14 },
  }),
);

const ItemSchema = describing<HealthItem>()(
  z.object({
    group: z.enum(HEALTH_GROUPS),
    grade: GradeSchema,
    status: StatusSchema,
    observedValue: z.union([z.number(), z.string()]).nullable().openapi({
      description: "What was measured; null where nothing could be",
      example: 3,
    }),
    observedUnit: text("Of the value, such as `ms`, `%` or `d`", "d").nullable(),
    warning: LimitSchema.nullable(),
    critical: LimitSchema.nullable(),
    max: z.number().nullable().openapi({ description: "The largest value that there can be" }),
    message: text("One sentence", "fresh, built 3 days ago"),
    fix: text("The command that mends it, or where to read how; null when it is `ok`").nullable(),
  }).openapi("HealthItem"),
);

/** How the service stands. */
export const HealthReportSchema = describing<HealthReport>()(
  z.object({
    operation: z.literal("check-health"),
    status: StatusSchema,
    version: text("Of the program", "0.1.0").optional(),
    grade: GradeSchema,
    failing: listOf(z.string()).openapi({
      description: "Names of the checks that somebody has to look at, the worst first",
      example: ["edition_city"],
    }),
    checks: z.record(z.string(), listOf(ItemSchema)).openapi({
      description: "By name, each a list of one as health+json wants it",
    }),
    checked_at: instant("When it was looked at, which may be up to ten seconds ago"),
    duration_ms: count("Milliseconds that looking took"),
  }).openapi("HealthReport"),
);
