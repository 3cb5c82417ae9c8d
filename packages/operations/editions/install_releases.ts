import {
  type EditionManifest,
  type EditionRelease,
  type EditionRequest,
  type EditionSet,
  formatInstant,
  noteCheck,
  noteEvent,
  noteInstalled,
  noteSuperseded,
  rejectRelease,
} from "@ipcascade/core";
import { readKeptSets } from "./current_set.ts";
import type { EditionUpdateDeps } from "./deps.ts";
import { EditionRefusedError, EditionRejectedError } from "./edition_refused_error.ts";
import { inStep } from "./edition_step_error.ts";
import { findDamage, isIntact } from "./intact_edition.ts";
import { describeNewSet } from "./new_set.ts";
import { findInstalled, isInstalled, listOutdated, planRelease, type ReleasePlan } from "./release_plan.ts";
import { retryDelivery } from "./retry.ts";
import { createSetId } from "./set_id.ts";
import {
  type StagedEdition,
  type StageDeps,
  type StageOptions,
  stageRelease,
  stageUnchanged,
} from "./stage_edition.ts";
import type { StateBook } from "./state_book.ts";
import type { ReportedError } from "../reported_error.ts";

/** How releases are installed. */
export interface InstallOptions extends StageOptions {
  readonly requests: readonly EditionRequest[];
  /** The set that serves. */
  readonly current: EditionSet | null;
  /** Fetches also what is installed already or was rejected. */
  readonly force: boolean;
  readonly isDryRun: boolean;
}

/** What came of it. */
export interface Installation {
  readonly status: "installed" | "current" | "available" | "rejected";
  readonly plans: readonly ReleasePlan[];
  /** The set that serves now. */
  readonly set: EditionSet | null;
  readonly warnings: readonly string[];
  /** Why the provider's newest is not installed, when it failed verification before. */
  readonly error: ReportedError | null;
}

/** What installing works on. */
export interface InstallDeps extends EditionUpdateDeps {
  readonly book: StateBook;
}

/** Asks the provider, and installs what is new as one set. Throws what the steps throw. */
export async function installReleases(deps: InstallDeps, options: InstallOptions): Promise<Installation> {
  const { current, force, isDryRun } = options;
  const releases = await findReleases(deps, options);
  const damaged = await findDamaged(current, deps);
  const { state } = deps.book;
  const plans = releases.map((release) => planRelease(release, { current, state, force, damaged }));
  await noteReleases(plans, deps);
  const told = { plans, set: current, warnings: [], error: null };
  if (!plans.some(({ action }) => action === "fetch")) return { ...told, ...settle(plans) };
  if (isDryRun) return { ...told, status: "available" };
  const { set, isNew } = await installSet(plans, deps, options);
  const warnings = [...set.verification.warnings, ...tellNewProvider(current, deps)];
  return { ...told, status: isNew ? "installed" : "current", set, warnings };
}

/** Builds of two providers are not compared, so that who changes the provider may get older ones. */
function tellNewProvider(current: EditionSet | null, { provider }: InstallDeps): readonly string[] {
  if (current === null || current.provider === "adopted" || current.provider === provider.name) return [];
  return [`The editions came from ${current.provider} before, and come from ${provider.name} now`];
}

/** SHA-256 of the editions that serve and are not what was installed any more. */
async function findDamaged(current: EditionSet | null, deps: InstallDeps): Promise<ReadonlySet<string>> {
  const damaged = new Set<string>();
  for (const edition of current?.editions ?? []) {
    const damage = await findDamage(edition, current!.id, deps);
    if (damage === null) continue;
    deps.log.warn("An installed edition is damaged", { edition: edition.edition_id, reason: damage });
    damaged.add(edition.sha256);
  }
  return damaged;
}

async function findReleases(deps: InstallDeps, options: InstallOptions): Promise<readonly EditionRelease[]> {
  const { provider, clock, random, log } = deps;
  const { current, retryForMs, signal } = options;
  const releases: EditionRelease[] = [];
  for (const request of options.requests) {
    const installed = findInstalled(request.kind, current);
    const find = () =>
      retryDelivery(() => provider.findRelease(request, { signal, installed }), {
        clock,
        random,
        retryForMs,
        maxTries: Infinity,
        signal,
        onRetry: ({ message }, pauseMs) =>
          log.warn("Asking again what there is", { edition: request.edition_id, reason: message, pauseMs }),
      });
    releases.push(await inStep(request.edition_id, find));
  }
  return releases;
}

async function noteReleases(plans: readonly ReleasePlan[], deps: InstallDeps): Promise<void> {
  const { sets } = await readKeptSets(deps.store);
  const now = deps.clock.now();
  await deps.book.write((state) =>
    noteSuperseded(noteCheck(state, { now, hasNews: plans.some(({ action }) => action === "fetch") }), {
      outdated: listOutdated(plans.map(({ release }) => release), sets, formatInstant(now)),
      newest: plans.filter(isInstalled).map(({ installed }) => installed!.sha256),
      kept: sets.flatMap(({ editions }) => editions.map(({ sha256 }) => sha256)),
    })
  );
}

function settle(plans: readonly ReleasePlan[]): Pick<Installation, "status" | "error"> {
  const rejected = plans.filter(({ action }) => action === "rejected");
  if (rejected.length === 0) return { status: "current", error: null };
  const broken = rejected.find(({ rejection }) => rejection?.reason === "verification");
  const message = broken?.rejection?.message ?? null;
  return { status: "rejected", error: message === null ? null : { code: "EDITION_REFUSED", message } };
}

async function installSet(
  plans: readonly ReleasePlan[],
  deps: InstallDeps,
  options: InstallOptions,
): Promise<{ readonly set: EditionSet; readonly isNew: boolean }> {
  const { store, clock, random, provider, book } = deps;
  const startedMs = clock.elapsed();
  const id = createSetId(clock.now(), random);
  await using staging = await store.stage(id);
  const staged: StagedEdition[] = [];
  for (const plan of plans) staged.push(await stageOne(plan, { ...deps, staging }, options));
  if (options.current !== null && await isUnchanged(staged, options.current, deps)) {
    return { set: options.current, isNew: false };
  }
  const set = describeNewSet({ id, provider: provider.name, staged, startedMs }, clock);
  options.signal.throwIfAborted();
  await staging.commit(set);
  await store.switchTo(id);
  await book.write((state) => noteInstalled(state, set));
  return { set, isNew: true };
}

function stageOne(plan: ReleasePlan, deps: StageDeps, options: InstallOptions): Promise<StagedEdition> {
  const { release, installed, action, rejection } = plan;
  return inStep(release.edition_id, async () => {
    if (action !== "fetch" && installed !== null && options.current !== null) {
      const unchanged = await stageUnchanged(installed, options.current, deps);
      if (unchanged !== null) return unchanged;
    }
    if (rejection !== null) throw new EditionRejectedError(rejection);
    try {
      return await stageRelease(release, installed, deps, options);
    } catch (error) {
      if (error instanceof EditionRefusedError) await reject(release, error, deps);
      throw error;
    }
  });
}

async function reject(
  { edition_id, release }: EditionRelease,
  { message }: EditionRefusedError,
  { book, clock, provider }: StageDeps,
): Promise<void> {
  const at = formatInstant(clock.now());
  await book.write((state) =>
    noteEvent(rejectRelease(state, { edition_id, release, reason: "verification", message, at }), {
      at,
      event: "rejected",
      set: null,
      provider: provider.name,
      reason: message,
    })
  );
}

/** Tells whether a forced update brought what is installed already, and that is still sound on disk. */
async function isUnchanged(
  staged: readonly StagedEdition[],
  current: EditionSet,
  { store, createHasher }: InstallDeps,
): Promise<boolean> {
  if (staged.length !== current.editions.length) return false;
  for (const { manifest } of staged) {
    const installed = findInstalled(manifest.kind, current);
    // The same bytes under another name are told apart from now on, and not fetched again and again.
    if (installed === null || !isSameEdition(installed, manifest)) return false;
    if (!await isIntact(installed, current.id, { store, createHasher })) return false;
  }
  return true;
}

function isSameEdition(a: EditionManifest, b: EditionManifest): boolean {
  return a.sha256 === b.sha256 && a.file === b.file && a.release === b.release;
}
