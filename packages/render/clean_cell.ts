/** Characters that steer terminals, reverse text or are not there to be seen. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu;

/** Makes outside text safe to show on a terminal: what steers or hides becomes `·`. */
export function cleanCell(text: string): string {
  return text.replace(UNSEEN, "·");
}

const WIDE =
  /[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{1F300}-\u{1FAFF}\u{20000}-\u{3FFFD}]/u;
const COMBINING = /\p{M}/u;
const PLAIN = /^[\x20-\x7E]*$/;

/** Columns that a text takes on a terminal. */
export function cellWidth(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character);
  return width;
}

/** Cuts or pads a clean text to exactly `width` columns; a cut one ends with `…`. */
export function fitCell(text: string, width: number): string {
  const taken = cellWidth(text);
  if (taken <= width) return text + " ".repeat(width - taken);
  let cut = "";
  let columns = 0;
  for (const character of text) {
    const more = characterWidth(character);
    if (columns + more > width - 1) break;
    cut += character;
    columns += more;
  }
  return `${cut}…${" ".repeat(Math.max(0, width - columns - 1))}`;
}

function characterWidth(character: string): number {
  if (COMBINING.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}
