import { join } from "node:path";
import {
  type EditionSet,
  type EditionState,
  EMPTY_EDITION_STATE,
  isEditionSetId,
  isForeignSet,
  type Log,
  readEditionSet,
  readEditionState,
  sortEditionSets,
} from "@ipcascade/core";
import { type EditionDirectory, findText, listNames, MANIFEST } from "./edition_directory.ts";

/** A complete set; null when there is none of the id, or its manifest is damaged. */
export async function findFileSet({ sets }: EditionDirectory, id: string): Promise<EditionSet | null> {
  const set = readEditionSet(parseJson(await findText(join(sets, id, MANIFEST))));
  return set?.id === id ? set : null;
}

/** All complete sets, newest first. */
export async function listFileSets(directory: EditionDirectory): Promise<readonly EditionSet[]> {
  const ids = (await listNames(directory.sets)).filter(isEditionSetId);
  const sets = await Promise.all(ids.map((id) => findFileSet(directory, id)));
  return sortEditionSets(sets.filter((set) => set !== null));
}

/**
 * Paths of what lies among the sets without being one. What is named as serving, and what a program of another format
 * wrote, is left alone: their databases may be sound.
 */
export async function listBrokenSets(directory: EditionDirectory): Promise<readonly string[]> {
  const named = await readCurrentName(directory);
  const broken: string[] = [];
  for (const id of (await listNames(directory.sets)).filter(isEditionSetId)) {
    if (id === named || await findFileSet(directory, id) !== null) continue;
    const manifest = parseJson(await findText(join(directory.sets, id, MANIFEST)));
    if (!isForeignSet(manifest)) broken.push(join(directory.sets, id));
  }
  return broken;
}

async function readCurrentName({ current }: EditionDirectory): Promise<string> {
  return (await findText(current))?.trim() ?? "";
}

/** Id of the set that serves; null when none is named, or one that is not there. */
export async function findCurrentFileSet(directory: EditionDirectory): Promise<string | null> {
  const id = await readCurrentName(directory);
  return isEditionSetId(id) && await findFileSet(directory, id) !== null ? id : null;
}

/** The state of updating; the empty one when there is none, or a damaged one, which is told. */
export async function readFileState(directory: EditionDirectory, log?: Log): Promise<EditionState> {
  const text = await findText(directory.state);
  const state = readEditionState(parseJson(text));
  if (state === null && text !== null) {
    log?.warn("The state of updating is damaged and begins anew", { file: directory.state });
  }
  return state ?? EMPTY_EDITION_STATE;
}

function parseJson(text: string | null): unknown {
  try {
    return text === null ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
