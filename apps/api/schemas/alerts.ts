import { z } from "@hono/zod-openapi";
import type { AlertItem, AlertList } from "@ipcascade/operations";
import { describing } from "./agreement.ts";
import { count, instant, listOf, text } from "./common.ts";

const AlertGradeSchema = z.enum(["ok", "warning", "critical", "unknown"]).openapi("AlertGrade");

const ItemSchema = describing<AlertItem>()(
  z.object({
    key: text("Short and stable", "health.database"),
    notifier: text("Who tells it", "mail"),
    grade: AlertGradeSchema,
    since: instant("Since when it is so"),
    seen_at: instant("When it was seen last"),
    title: text("For a phone", "812 of 10000 left"),
    message: text("One sentence"),
    fix: text("The command that mends it, or tells more").nullable(),
    told_grade: AlertGradeSchema,
    told_at: instant("Null before anything was told").nullable(),
    failure: text("Why telling failed last").nullable(),
  }).openapi("AlertItem"),
);

/** What was told to whom. */
export const AlertListSchema = describing<AlertList>()(
  z.object({
    operation: z.literal("list-alerts"),
    alerts: listOf(ItemSchema).openapi({ description: "The worst first, then by key and notifier" }),
    hidden: count("How many are left out because they are well and nothing was ever told of them"),
    listed_at: instant(),
  }).openapi("AlertList"),
);
