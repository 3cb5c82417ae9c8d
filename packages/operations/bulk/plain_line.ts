/** Tells whether a trimmed line of addresses says nothing: it is blank, or a comment. */
export function isSilentLine(text: string): boolean {
  return text === "" || text.startsWith("#");
}
