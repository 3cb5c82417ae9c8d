import { type InputItem, LineSplitter, type SplitLines } from "@ipcascade/operations";
import { MAX_ELEMENT_SIZE, originOf, readElement, tooLongItem } from "./element.ts";

/** Finds the items in the bytes of a body, piece by piece. */
export interface BodyReader {
  /** The items that these bytes complete. */
  push(bytes: Uint8Array): readonly InputItem[];
  /** What the end completes. Throws `UsageError` where the body breaks off. */
  end(): readonly InputItem[];
}

/** Reads a JSON string or an object with `ip` a line; blank lines are skipped. */
export function createNdjsonReader(): BodyReader {
  return createLineReader(readElement);
}

/** Reads an address, a block or a range a line; blank lines and lines that begin with `#` are skipped. */
export function createTextReader(): BodyReader {
  return createLineReader((text, line) => text.startsWith("#") ? null : { text, origin: originOf(line) });
}

function createLineReader(read: (text: string, line: number) => InputItem | null): BodyReader {
  const splitter = new LineSplitter(MAX_ELEMENT_SIZE);
  const readSplit = ({ firstLine, lines, tooLong }: SplitLines): readonly InputItem[] => {
    const items: InputItem[] = [];
    for (let i = 0; i < lines.length; i++) {
      const text = lines[i]!.trim();
      if (text === "") continue;
      const isTooLong = tooLong.length > 0 && tooLong.includes(i);
      const item = isTooLong ? tooLongItem(text, firstLine + i) : read(text, firstLine + i);
      if (item !== null) items.push(item);
    }
    return items;
  };
  return { push: (bytes) => readSplit(splitter.push(bytes)), end: () => readSplit(splitter.end()) };
}
