import {
  type BackupEdition,
  type BackupEditionSet,
  type EditionSet,
  EditionStoreError,
  type EnrichmentError,
  LockHeldError,
  StoreError,
} from "@ipcascade/core";
import type { EditionDeps, EditionPolicy } from "../editions/deps.ts";
import { openWhenFree } from "../open_when_free.ts";
import type { BackupWork } from "./deps.ts";
import { describePlainSet, type PlainSet } from "./plain_set.ts";
import { getServingSet, missEditions } from "./serving_set.ts";
import { type MemberTarget, storeMember } from "./store_member.ts";

/** How long an update or a pruning of editions is waited for, in milliseconds. */
const LOCK_WAIT_MS = 60_000;

/** What saving editions goes by. */
export interface SaveEditions extends MemberTarget, BackupWork {
  readonly policy: Pick<EditionPolicy, "editionIds">;
}

/**
 * Saves the editions that serve: the set, under the lock of editions, so that nobody pulls it away; or the databases
 * that lie there without one, which nobody of ours replaces. Throws `MissingEditionsError` when they can't be had,
 * whatever keeps them: rows are worth a backup without them.
 */
export async function saveEditions(deps: EditionDeps, options: SaveEditions): Promise<BackupEditionSet> {
  if (await explaining(deps, () => deps.store.readCurrentId()) === null) {
    const plain = await explaining(deps, () => describePlainSet(deps, options.policy, options.signal));
    if (plain !== null) return await saveSet(deps, plain.set, { ...options, read: readPlain(plain) });
  }
  await using _lock = await explaining(
    deps,
    () => openWhenFree(() => deps.store.lock("back up"), { clock: deps.clock, limitMs: LOCK_WAIT_MS }),
  );
  const set = await explaining(deps, () => getServingSet(deps));
  return await saveSet(deps, set, { ...options, read: (file) => deps.store.readEdition(set.id, file) });
}

type ReadFile = (file: string) => Promise<Uint8Array>;

function readPlain({ files }: PlainSet): ReadFile {
  return async (file) => await files.get(file)!.read();
}

async function saveSet(
  deps: EditionDeps,
  set: EditionSet,
  { read, ...options }: SaveEditions & { readonly read: ReadFile },
): Promise<BackupEditionSet> {
  const files: BackupEdition[] = [];
  for (const { file, sha256 } of set.editions) {
    options.signal?.throwIfAborted();
    options.onProgress?.({ step: "editions", member: file, done: 0, total: null });
    const bytes = await explaining(deps, () => readIntact(deps, { file, sha256, read }));
    const stored = await storeMember(`edition-${file}`, pieces(bytes), options);
    files.push({ ...stored, edition: file, bytes: bytes.length, sha256 });
    options.onProgress?.({ step: "editions", member: file, done: bytes.length, total: bytes.length });
  }
  return { set, files };
}

async function readIntact(
  { createHasher, clock }: EditionDeps,
  { file, sha256, read }: { readonly file: string; readonly sha256: string; readonly read: ReadFile },
): Promise<Uint8Array> {
  const bytes = await read(file);
  const hasher = createHasher("sha256");
  hasher.update(bytes);
  if (hasher.digest() === sha256) return bytes;
  throw missEditions("unreadable", {
    message: `"${file}" has changed since it was installed`,
    now: clock.now(),
  });
}

async function explaining<T>({ clock }: EditionDeps, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isTrouble(error)) throw error;
    throw missEditions("unreadable", { message: error.message, now: clock.now() });
  }
}

function isTrouble(error: unknown): error is EnrichmentError {
  return error instanceof EditionStoreError || error instanceof StoreError || error instanceof LockHeldError;
}

/** Small enough that packing never holds much. */
const PIECE_BYTES = 1 << 20;

async function* pieces(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}
