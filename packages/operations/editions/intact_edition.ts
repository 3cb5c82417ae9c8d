import type { CreateHasher, EditionManifest, EditionStore } from "@ipcascade/core";

/** What comparing an edition needs. */
export interface IntactDeps {
  readonly store: EditionStore;
  readonly createHasher: CreateHasher;
}

/** Tells whether an edition of a set is still what was installed; false also when it can't be read. */
export async function isIntact(edition: EditionManifest, setId: string, deps: IntactDeps): Promise<boolean> {
  return await findDamage(edition, setId, deps) === null;
}

/** Says how an edition of a set differs from what was installed; null when it does not. */
export async function findDamage(
  { file, sha256 }: EditionManifest,
  setId: string,
  { store, createHasher }: IntactDeps,
): Promise<string | null> {
  try {
    const hasher = createHasher("sha256");
    hasher.update(await store.readEdition(setId, file));
    return hasher.digest() === sha256 ? null : `"${file}" has changed since it was installed`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
