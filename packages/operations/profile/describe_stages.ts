import type { EnrichSummary, Scope, SkipReason, SourceName, SourceSummary } from "@ipcascade/core";
import {
  PROFILE_STAGES,
  type ProfiledStage,
  type ProfileReport,
  type ProfileStage,
  type ProfileStatus,
} from "./profile_report.ts";
import type { StageTimer } from "./stage_timer.ts";

type Sources = EnrichSummary["sources"];
type Telling = Pick<ProfiledStage, "status" | "note">;

/** Tells whether a source was really asked. */
export function isAsked({ hit, miss, failed }: SourceSummary): boolean {
  return hit + miss > 0 || Object.keys(failed).length > 0;
}

/** The waterfall: every stage, also those that did not run, with the reason. */
export function describeStages(
  timer: StageTimer,
  { sources, scope, cold }: Omit<Circumstances, "hasRun">,
): ProfiledStage[] {
  return PROFILE_STAGES.map((stage) => {
    const figures = timer.find(stage);
    const { status, note } = tell(stage, { hasRun: figures !== null, sources, scope, cold });
    return { stage, status, ...figures ?? { start_ms: 0, duration_ms: 0, calls: 0 }, note };
  });
}

interface Circumstances {
  readonly hasRun: boolean;
  readonly sources: Sources;
  readonly scope: Scope;
  readonly cold: boolean;
}

function tell(stage: ProfileStage, { hasRun, sources, scope, cold }: Circumstances): Telling {
  switch (stage) {
    case "inventory_read":
      if (!hasRun) return { status: "unneeded", note: null };
      return { status: "ran", note: cold ? "to be merged, not for its answers" : null };
    case "maxmind_first":
      return tellSource(sources.maxmind, scope);
    case "maxmind_warm":
      return hasRun ? { status: "ran", note: "the same once more" } : tellSource(sources.maxmind, scope);
    case "waiting":
      return {
        status: hasRun ? "ran" : "unneeded",
        note: hasRun ? "between tries, or for another process" : null,
      };
    case "cymru":
    case "greynoise":
      return tellSource(sources[stage], scope);
    default:
      return { status: hasRun ? "ran" : "unneeded", note: null };
  }
}

/** Reasons by which there is nothing to ask. */
const UNNEEDED: readonly SkipReason[] = ["not_needed", "not_applicable"];

function tellSource(source: SourceSummary, scope: Scope): Telling {
  if (scope !== "global") return { status: "unneeded", note: `a ${scope} address` };
  if (source.hit > 0) return { status: "ran", note: "hit" };
  if (source.miss > 0) return { status: "ran", note: "miss" };
  const [failure] = Object.keys(source.failed);
  if (failure !== undefined) return { status: "failed", note: source.firstFailure ?? failure };
  const [reason] = Object.keys(source.skipped);
  if (reason === undefined) return { status: "inventory", note: "the stored answer is fresh" };
  const status: ProfileStatus = UNNEEDED.some((one) => one === reason) ? "unneeded" : "skipped";
  return { status, note: reason };
}

const NAMES: Readonly<Record<SourceName, string>> = {
  maxmind: "MaxMind",
  cymru: "Team Cymru",
  greynoise: "GreyNoise",
};

/** What was measured, in one sentence: a profile that hits the inventory measures the inventory. */
export function describeWhat(
  { scope, asked, sources, cold }: Pick<ProfileReport, "scope" | "asked" | "cold"> & { sources: Sources },
): string {
  if (scope !== "global") return `a ${scope} address: it is named as such, and nobody is asked`;
  if (asked.length > 0) {
    const names = asked.map((source) => NAMES[source]).join(", ");
    return `asked ${names}; ${describeOthers(asked, sources)}`;
  }
  const others = describeOthers(asked, sources);
  return cold
    ? `no source was asked; ${others}`
    : `no source was asked, so this measures the inventory alone; ${others}; --cold asks again`;
}

function describeOthers(asked: readonly SourceName[], sources: Sources): string {
  const others = (["maxmind", "cymru", "greynoise"] as const).filter((source) => !asked.includes(source));
  if (others.length === 0) return "nothing came from the inventory";
  return others.map((source) => {
    const { status, note } = tellSource(sources[source], "global");
    return `${NAMES[source]}: ${status === "inventory" ? "from the inventory" : note?.replaceAll("_", " ")}`;
  }).join(", ");
}
