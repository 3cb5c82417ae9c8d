import {
  choosePlainEdition,
  type EditionRequest,
  type EditionSet,
  type Log,
  noteEvent,
  type PlainEdition,
} from "@ipcascade/core";
import type { EditionDeps, EditionPolicy } from "./deps.ts";
import { describeNewSet } from "./new_set.ts";
import { expectEdition } from "./expected_edition.ts";
import { reportError } from "../reported_error.ts";
import { createSetId } from "./set_id.ts";
import { describeDatabase, listWarnings, type StagedEdition } from "./stage_edition.ts";
import { pour, writeStagedFile } from "./staged_file.ts";
import type { StateBook } from "./state_book.ts";

/** What adopting needs to know. */
export interface AdoptOptions {
  readonly requests: readonly EditionRequest[];
  readonly policy: EditionPolicy;
  readonly book: StateBook;
  readonly signal: AbortSignal;
}

/**
 * Makes plain databases, as geoipupdate leaves them, the first set, when they verify; what they were read from stays
 * where it is. Gives null when there is nothing to adopt.
 */
export async function adoptPlain(deps: EditionDeps, options: AdoptOptions): Promise<EditionSet | null> {
  const { store, clock, random, log } = deps;
  const found = choosePlain(await store.listPlain(), options);
  if (found.length === 0) return null;
  const id = createSetId(clock.now(), random);
  await using staging = await store.stage(id);
  const startedMs = clock.elapsed();
  const adopted: StagedEdition[] = [];
  for (const { request, plain } of found) {
    const bytes = await readOrTell(plain, log);
    if (bytes === null) continue;
    const verdict = await deps.verify(bytes, {
      now: clock.now(),
      edition: expectEdition(plain.file, request.kind),
      canaries: options.policy.canaries,
    }, { signal: options.signal });
    if (verdict.verdict === "refused") {
      const [reason] = verdict.findings;
      log.warn("A database is not adopted", { file: plain.file, reason: reason?.message ?? null });
      continue;
    }
    const file = await writeStagedFile(staging, plain.file, {
      createHasher: deps.createHasher,
      fill: (sink) => pour(bytes, sink),
    });
    const { size_bytes, md5, sha256 } = file;
    adopted.push({
      manifest: {
        ...request,
        file: plain.file,
        ...describeDatabase(verdict),
        size_bytes,
        sha256,
        md5,
        release: md5,
        modified_at: null,
      },
      warnings: listWarnings(request.edition_id, verdict),
    });
  }
  if (adopted.length === 0) return null;
  const set = describeNewSet({ id, provider: "adopted", staged: adopted, startedMs }, clock);
  await staging.commit(set);
  await store.switchTo(id);
  await options.book.write((state) =>
    noteEvent(state, { at: set.created_at, event: "adopted", set: id, provider: "adopted", reason: null })
  );
  return set;
}

/** A file that can't be read is no reason not to update. */
async function readOrTell(plain: PlainEdition, log: Log): Promise<Uint8Array | null> {
  try {
    return await plain.read();
  } catch (error) {
    log.warn("A database is not adopted", { file: plain.file, reason: reportError(error).message });
    return null;
  }
}

function choosePlain(plain: readonly PlainEdition[], { requests, policy }: AdoptOptions) {
  const names = plain.map(({ file }) => file);
  return requests.flatMap((request) => {
    const name = choosePlainEdition(request.kind, names, policy.editionIds);
    const chosen = plain.find(({ file }) => file === name);
    return chosen === undefined ? [] : [{ request, plain: chosen }];
  });
}
