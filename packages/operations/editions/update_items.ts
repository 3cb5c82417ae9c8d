import {
  type EditionKind,
  type EditionRequest,
  type EditionSet,
  type EditionState,
  MS_PER_SECOND,
} from "@ipcascade/core";
import { unwrapStep } from "./edition_step_error.ts";
import type { Installation } from "./install_releases.ts";
import { findInstalled, type ReleasePlan } from "./release_plan.ts";
import { reportError } from "../reported_error.ts";
import { NO_HASH, type UpdateItem } from "./update_report.ts";

/** What the items of a report are made of. */
export interface ItemSources {
  readonly requests: readonly EditionRequest[];
  readonly unused: readonly string[];
  readonly state: EditionState;
  /** The set that served before, and the one that serves now. */
  readonly before: EditionSet | null;
  readonly set: EditionSet | null;
  /** What was installed; left out when nothing came of it. */
  readonly installation?: Installation;
  /** What was thrown instead; left out with neither, when the provider was not asked. */
  readonly failure?: unknown;
}

/** One item for each edition that is configured, in their order. */
export function listItems(sources: ItemSources): readonly UpdateItem[] {
  const used = sources.requests.map((request) => ({
    ...describe(request, sources),
    ...judge(request, sources),
  }));
  const unused = sources.unused.map((edition_id) => ({
    ...describe({ edition_id, kind: null }, sources),
    status: "unused" as const,
    error: null,
  }));
  return [...used, ...unused];
}

type Judgement = Pick<UpdateItem, "status" | "error">;

function describe(
  { edition_id, kind }: { readonly edition_id: string; readonly kind: EditionKind | null },
  { state, before, set }: ItemSources,
): Omit<UpdateItem, "status" | "error"> {
  const old = kind === null ? null : findInstalled(kind, before);
  const now = kind === null ? null : findInstalled(kind, set);
  return {
    edition_id,
    old_hash: old?.md5 ?? NO_HASH,
    new_hash: now?.md5 ?? NO_HASH,
    modified_at: toSeconds(now?.modified_at),
    checked_at: toSeconds(state.checked_at),
    build_epoch: now?.build_epoch ?? null,
    sha256: now?.sha256 ?? null,
    set: now === null ? null : set?.id ?? null,
  };
}

function judge(request: EditionRequest, { installation, failure, before, set }: ItemSources): Judgement {
  if (failure !== undefined) return judgeFailure(request, failure);
  if (installation === undefined) return { status: "not_due", error: null };
  const plan = installation.plans.find(({ release }) => release.kind === request.kind);
  if (plan === undefined) return { status: "not_due", error: null };
  if (plan.action === "rejected") return judgeRejected(plan);
  if (installation.status === "available") {
    return { status: plan.action === "fetch" ? "available" : "current", error: null };
  }
  const isNew = findInstalled(request.kind, before)?.sha256 !== findInstalled(request.kind, set)?.sha256;
  return { status: isNew ? "installed" : "current", error: null };
}

function judgeRejected({ rejection }: ReleasePlan): Judgement {
  if (rejection === null) return { status: "rejected", error: null };
  const code = rejection.reason === "rolled_back" ? "ROLLED_BACK" : "EDITION_REFUSED";
  return { status: "rejected", error: { code, message: rejection.message } };
}

function judgeFailure(request: EditionRequest, failure: unknown): Judgement {
  const { edition } = unwrapStep(failure);
  if (edition !== null && edition !== request.edition_id) return { status: "discarded", error: null };
  return { status: "failed", error: reportError(failure) };
}

function toSeconds(instant: string | null | undefined): number | null {
  return instant === null || instant === undefined ? null : Math.floor(Date.parse(instant) / MS_PER_SECOND);
}
