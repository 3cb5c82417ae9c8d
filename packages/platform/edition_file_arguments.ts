import type { EditionFile } from "@ipcascade/operations";
import { readBytes } from "./edition_directory.ts";

/** Databases that an operator names by their paths, which may be pipes. */
export function openEditionFiles(paths: readonly string[]): readonly EditionFile[] {
  return paths.map((path) => ({ file: path, read: () => readBytes(path, { mayBePipe: true }) }));
}
