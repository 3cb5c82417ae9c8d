import {
  choosePlainEdition,
  EDITION_KINDS,
  type EditionKind,
  type EditionManifest,
  type EditionSet,
  type PlainEdition,
} from "@ipcascade/core";
import type { EditionDeps, EditionPolicy } from "../editions/deps.ts";
import { describeNewSet } from "../editions/new_set.ts";
import { createSetId } from "../editions/set_id.ts";
import { describeDatabase } from "../editions/stage_edition.ts";
import { missEditions } from "./serving_set.ts";

/** Databases that serve without being a set, as geoipupdate leaves them, described like one. */
export interface PlainSet {
  readonly set: EditionSet;
  /** By the name of the file. */
  readonly files: ReadonlyMap<string, PlainEdition>;
}

/** The plain databases that serve while no set does, by kind. */
export async function listServingPlain(
  { store }: Pick<EditionDeps, "store">,
  { editionIds }: Pick<EditionPolicy, "editionIds">,
): Promise<ReadonlyMap<EditionKind, PlainEdition>> {
  const plain = await store.listPlain();
  const serving = new Map<EditionKind, PlainEdition>();
  for (const kind of EDITION_KINDS) {
    const name = choosePlainEdition(kind, plain.map(({ file }) => file), editionIds);
    const chosen = plain.find(({ file }) => file === name);
    if (chosen !== undefined) serving.set(kind, chosen);
  }
  return serving;
}

/**
 * Describes plain databases that serve; null when there are none. Throws `MissingEditionsError` when one of them is
 * broken: whoever restores it would get no more than that.
 */
export async function describePlainSet(
  deps: EditionDeps,
  policy: Pick<EditionPolicy, "editionIds">,
  signal?: AbortSignal,
): Promise<PlainSet | null> {
  const { clock, random } = deps;
  const startedMs = clock.elapsed();
  const serving = await listServingPlain(deps, policy);
  if (serving.size === 0) return null;
  const staged = [];
  for (const [kind, plain] of serving) {
    staged.push({ manifest: await describePlain(deps, { kind, plain, signal }), warnings: [] });
  }
  const set = describeNewSet(
    { id: createSetId(clock.now(), random), provider: "adopted", staged, startedMs },
    clock,
  );
  return { set, files: new Map([...serving.values()].map((plain) => [plain.file, plain])) };
}

async function describePlain(
  { verify, createHasher, clock }: EditionDeps,
  { kind, plain, signal }: {
    readonly kind: EditionKind;
    readonly plain: PlainEdition;
    readonly signal?: AbortSignal;
  },
): Promise<EditionManifest> {
  const { file } = plain;
  const bytes = await plain.read();
  const verdict = await verify(bytes, { now: clock.now(), edition: null }, { signal });
  if (verdict.verdict === "refused") {
    const message = `"${file}" is no sound database: ${verdict.findings[0]?.message}`;
    throw missEditions("unreadable", { message, now: clock.now() });
  }
  const digest = (algorithm: "md5" | "sha256") => {
    const hasher = createHasher(algorithm);
    hasher.update(bytes);
    return hasher.digest();
  };
  const md5 = digest("md5");
  return {
    edition_id: file.replace(/\.mmdb$/, ""),
    kind,
    file,
    ...describeDatabase(verdict),
    size_bytes: bytes.length,
    sha256: digest("sha256"),
    md5,
    release: md5,
    modified_at: null,
  };
}
