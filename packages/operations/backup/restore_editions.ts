import {
  type BackupEdition,
  type BackupEditionSet,
  type BackupManifest,
  copyExpiry,
  type EditionManifest,
  type EditionSet,
  isExpired,
  noteEvent,
} from "@ipcascade/core";
import { type KeptSets, readKeptSets } from "../editions/current_set.ts";
import type { EditionDeps, EditionPolicy } from "../editions/deps.ts";
import { expectEdition } from "../editions/expected_edition.ts";
import { describeNewSet } from "../editions/new_set.ts";
import { createSetId } from "../editions/set_id.ts";
import { describeDatabase, listWarnings, type StagedEdition } from "../editions/stage_edition.ts";
import { writeStagedFile } from "../editions/staged_file.ts";
import { StateBook } from "../editions/state_book.ts";
import { reportError } from "../reported_error.ts";
import { listServingPlain } from "./plain_set.ts";
import { type MemberSource, readBackedUpEdition } from "./read_member.ts";
import type { RestoreReport } from "./reports.ts";

/** What became of the editions of a backup. */
export type RestoredEditions = RestoreReport["editions"];

/** The part of a manifest that is about editions. */
export type BackedUpEditions = Pick<BackupManifest, "editions" | "created_at">;

/** What restoring editions needs. */
export interface RestoreEditionsDeps {
  readonly editions: EditionDeps;
  readonly policy: EditionPolicy;
  readonly source: MemberSource;
}

/** Says what would become of the editions of a backup. */
export async function planEditions(
  { editions: backedUp, created_at }: BackedUpEditions,
  { editions: { store, clock }, policy }: Pick<RestoreEditionsDeps, "editions" | "policy">,
): Promise<RestoredEditions | null> {
  if (backedUp === null) return { outcome: "none", message: "the backup holds no editions" };
  const kept = await readKeptSets(store);
  if (!hasOlder(kept, backedUp.set)) {
    return { outcome: "kept", message: `the set ${kept.current?.id} serves, which is as new or newer` };
  }
  const plain = kept.current === null ? await listServingPlain({ store }, policy) : null;
  if (plain !== null && backedUp.set.editions.every(({ kind }) => plain.has(kind))) {
    return { outcome: "kept", message: `the databases in ${store.place} serve, which are no set` };
  }
  const expiry = copyExpiry(backedUp.set.editions, {
    state: await store.readState(),
    kept: kept.sets,
    copiedAt: Date.parse(created_at),
  });
  if (!isExpired(expiry, clock.now())) return null;
  return { outcome: "refused", message: `their licence wanted them destroyed by ${expiry}` };
}

/**
 * Lets the editions of a backup serve where they are newer than what serves, their licence still allows it and they
 * verify. Never throws: a restored database is no worse without them.
 */
export async function restoreEditions(
  manifest: BackedUpEditions,
  deps: RestoreEditionsDeps,
): Promise<RestoredEditions> {
  try {
    const { editions } = manifest;
    if (editions === null) return { outcome: "none", message: "the backup holds no editions" };
    await using _lock = await deps.editions.store.lock("restore the editions");
    return await planEditions(manifest, deps) ?? await install(editions, deps);
  } catch (error) {
    return { outcome: "refused", message: reportError(error).message };
  }
}

/** Tells whether an edition of the set is newer than the one of its kind that serves, and none is older. */
function hasOlder({ current }: KeptSets, { editions }: EditionSet): boolean {
  const installed = (edition: EditionManifest) =>
    current?.editions.find(({ kind }) => kind === edition.kind)?.build_epoch ?? -Infinity;
  return editions.some((edition) => edition.build_epoch > installed(edition)) &&
    editions.every((edition) => edition.build_epoch >= installed(edition));
}

async function install(
  { set, files }: BackupEditionSet,
  { editions, policy, source }: RestoreEditionsDeps,
): Promise<RestoredEditions> {
  const { store, clock, random } = editions;
  const book = await StateBook.open(store);
  const id = createSetId(clock.now(), random);
  const startedMs = clock.elapsed();
  await using staging = await store.stage(id);
  const staged: StagedEdition[] = [];
  for (const manifest of set.editions) {
    const file = files.find(({ edition }) => edition === manifest.file);
    if (file === undefined) {
      throw new TypeError(`Cannot restore ${manifest.file}: the backup has no file of it`);
    }
    await copyEdition(file, { staging, source, createHasher: editions.createHasher });
    const verdict = await editions.verify(await staging.readFile(manifest.file), {
      now: clock.now(),
      edition: expectEdition(manifest.file, manifest.kind),
      sha256: manifest.sha256,
      canaries: policy.canaries,
    }, { signal: source.signal });
    if (verdict.verdict === "refused") {
      return { outcome: "refused", message: `${manifest.file}: ${verdict.findings[0]?.message}` };
    }
    staged.push({
      manifest: { ...manifest, ...describeDatabase(verdict) },
      warnings: listWarnings(manifest.edition_id, verdict),
    });
  }
  const restored = describeNewSet({ id, provider: set.provider, staged, startedMs }, clock);
  await staging.commit(restored);
  await store.switchTo(id);
  await book.write((state) =>
    noteEvent(state, {
      at: restored.created_at,
      event: "recovered",
      set: id,
      provider: set.provider,
      reason: `restored from the backup ${source.id}`,
    })
  );
  return { outcome: "installed", message: `the set ${id} serves` };
}

type Staging = Awaited<ReturnType<EditionDeps["store"]["stage"]>>;

async function copyEdition(
  file: BackupEdition,
  { staging, source, createHasher }: {
    readonly staging: Staging;
    readonly source: MemberSource;
    readonly createHasher: EditionDeps["createHasher"];
  },
): Promise<void> {
  await writeStagedFile(staging, file.edition, {
    createHasher,
    fill: async (sink) => {
      for await (const chunk of readBackedUpEdition(file, source)) await sink(chunk);
    },
  });
}
