import { z } from "@hono/zod-openapi";
import {
  type Diagnosis,
  DIAGNOSIS_TOPICS,
  type DiagnosisFinding,
  type DiagnosisFix,
} from "@ipcascade/operations";
import { describing } from "./agreement.ts";
import { count, GradeSchema, instant, listOf, text } from "./common.ts";

const FindingSchema = describing<DiagnosisFinding>()(
  z.object({
    check: text("Short and stable", "bulk_session"),
    grade: GradeSchema,
    message: text("One sentence"),
    observed: z.union([z.string(), z.number()]).nullable().openapi({
      description: "What was measured; null where nothing could be",
    }),
    unit: text("Of `observed`", "ms").nullable(),
  }).openapi("DiagnosisFinding"),
);

const FixSchema = describing<DiagnosisFix>()(
  z.object({
    description: text("One sentence"),
    command: text("Another command that does the same").nullable(),
    applied: z.boolean(),
    result: text("How applying it went; null where it was not applied").nullable(),
    grade_after: GradeSchema.nullable(),
  }).openapi("DiagnosisFix", {
    description: "What can be done with `ipcascade diagnose --fix`, and is safe",
  }),
);

/** What a diagnosis comes to. */
export const DiagnosisSchema = describing<Diagnosis>()(
  z.object({
    operation: z.literal("diagnose"),
    topic: z.enum(DIAGNOSIS_TOPICS),
    grade: GradeSchema,
    cause: text("The most likely one, short and stable; `none` where nothing is wrong", "null_routed"),
    summary: text("The cause and its evidence in one or two sentences"),
    steps: listOf(z.string()).openapi({ description: "What to do, in order" }),
    fix: FixSchema.nullable(),
    letter: text("A mail to the provider, filled in").nullable(),
    findings: listOf(FindingSchema),
    checked_at: instant(),
    duration_ms: count("Milliseconds that looking took"),
  }).openapi("Diagnosis"),
);
