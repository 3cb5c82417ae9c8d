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
