import { isSilentLine } from "@ipcascade/operations/offline";
import { type InputItem, type ItemReader, ownText, problemItem } from "./input_item.ts";
import { LINE_TOO_LONG, type LineChunk } from "./input_lines.ts";

/** Reads each line as one item; blank lines and lines that begin with `#` are none. */
export function createPlainReader(): ItemReader {
  return { read: readPlainLines, end: () => [] };
}

function readPlainLines(chunk: LineChunk): readonly InputItem[] {
  const { name, firstLine, lines, tooLong } = chunk;
  const items: InputItem[] = [];
  for (let i = 0; i < lines.length; i++) {
    const text = lines[i]!.trim();
    if (isSilentLine(text)) continue;
    const origin = { name, line: firstLine + i };
    if (tooLong.length > 0 && tooLong.includes(i)) items.push(problemItem(text, origin, LINE_TOO_LONG));
    else items.push({ text: ownText(text), origin });
  }
  return items;
}
