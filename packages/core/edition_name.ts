import { EditionStoreError } from "./edition_store.ts";
import { quoteInput } from "./input_error.ts";

/** Starts with a letter or a digit: no separator, no dots alone, nothing hidden. */
const SET_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/;
const FILE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.mmdb$/;

/** Tells whether a text can be the id of a set: safe as the name of a directory. */
export function isEditionSetId(text: string): boolean {
  return SET_ID.test(text);
}

/** Tells whether a text can name a database within a set: a plain file name that ends in `.mmdb`. */
export function isEditionFileName(text: string): boolean {
  return FILE.test(text);
}

/** Throws `EditionStoreError` for an id that could lead out of the place where sets are kept. */
export function checkEditionSetId(text: string): void {
  if (isEditionSetId(text)) return;
  throw new EditionStoreError(`Cannot use the set ${quoteInput(text)}: it is no name of a set`);
}

/** Throws `EditionStoreError` for a file name that could lead out of its set. */
export function checkEditionFileName(text: string): void {
  if (isEditionFileName(text)) return;
  throw new EditionStoreError(
    `Cannot use the file ${quoteInput(text)}: it is no name of a database in a set`,
  );
}
