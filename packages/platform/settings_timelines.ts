import { quoteInput } from "./settings_core.ts";
import { defineSetting } from "./settings_definition.ts";
import { accept, refuse } from "./settings_reading.ts";
import type { SettingTable } from "./settings_table_type.ts";

/** No other one exists: a word that is none of them would keep every job from running. */
const TIMELINE = /^(all|production|(git-branch|preview)(\/\S+)?)$/;
const ALLOWED =
  "all, production, git-branch, git-branch/NAME, preview and preview/ID, with commas between them";

/** Which timelines of Deno Deploy jobs run on; see https://docs.deno.com/deploy/reference/timelines. */
export const TIMELINE_SETTINGS: Pick<SettingTable, "scheduleTimelines"> = {
  scheduleTimelines: defineSetting<readonly string[]>({
    name: "SCHEDULE_TIMELINES",
    about: "timelines of Deno Deploy that jobs run on, with commas between them, or all",
    read: (text) => {
      const names = text.split(",").map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
      const wrong = names.find((name) => !TIMELINE.test(name));
      if (wrong === undefined && names.length > 0) return accept(names);
      return refuse(wrong === undefined ? ALLOWED : `${ALLOWED}; ${quoteInput(wrong)} is none of them`);
    },
    fallback: () => ["production"],
    format: (names) => names.join(","),
  }),
};

/**
 * Says why jobs are not run where this process runs; null where they are. Deno Deploy fires crons on the timeline of
 * every branch, and tells which one it is in `DENO_TIMELINE`: `production`, `git-branch/NAME` or `preview/REVISION`.
 */
export function findIdleReason(
  allowed: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  const timeline = env.DENO_TIMELINE?.trim().toLowerCase() ?? "";
  const isDeployed = !["", "0", "false"].includes(env.DENO_DEPLOY?.trim().toLowerCase() ?? "");
  if (timeline === "" && !isDeployed) return null;
  if (allowed.includes("all")) return null;
  // "git-branch" stands for every branch.
  if (allowed.some((name) => timeline === name || timeline.startsWith(`${name}/`))) return null;
  const where = timeline === "" ? "a timeline without a name" : `the timeline ${quoteInput(timeline)}`;
  return `this is ${where}, jobs run on ${allowed.join(", ")} (SCHEDULE_TIMELINES)`;
}
