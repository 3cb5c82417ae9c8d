import type { InputItem } from "@ipcascade/operations";
import type { BodyReader } from "./line_items.ts";

/** What a reader makes of a text that comes in pieces of this many bytes: `line text` and `line ! text`. */
export function readAll(reader: BodyReader, text: string, size: number): string[] {
  const bytes = new TextEncoder().encode(text);
  const items: InputItem[] = [];
  for (let start = 0; start < bytes.length; start += size) {
    items.push(...reader.push(bytes.subarray(start, start + size)));
  }
  items.push(...reader.end());
  return items.map(({ text: shown, origin, problem }) =>
    `${origin?.line} ${problem === undefined ? "" : "! "}${shown}`
  );
}
