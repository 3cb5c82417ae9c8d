/** Cuts a stream of bytes into lines. */
export interface LineSplitter {
  /**
   * Takes the next bytes and gives the lines that they complete, without the line feed. Null when a line is
   * longer than allowed: the stream is then no text, and the splitter is of no more use.
   */
  push(bytes: Uint8Array): Uint8Array[] | null;
}

const LINE_FEED = 0x0a;

/**
 * Cuts at line feeds and holds back at most `maxLineBytes` of an unfinished line. What stands after the last
 * line feed when the stream ends is never given: nobody can tell a whole row from the head of a longer one.
 */
export function createLineSplitter(maxLineBytes: number): LineSplitter {
  let rest: Uint8Array = new Uint8Array(0);
  return {
    push(bytes) {
      const lines: Uint8Array[] = [];
      let start = 0;
      for (let end = bytes.indexOf(LINE_FEED); end >= 0; end = bytes.indexOf(LINE_FEED, start)) {
        const line = concat(rest, bytes.subarray(start, end));
        if (line.byteLength > maxLineBytes) return null;
        lines.push(line);
        rest = new Uint8Array(0);
        start = end + 1;
      }
      if (rest.byteLength + bytes.byteLength - start > maxLineBytes) return null;
      rest = concat(rest, bytes.subarray(start));
      return lines;
    },
  };
}

function concat(head: Uint8Array, tail: Uint8Array): Uint8Array {
  const whole = new Uint8Array(head.byteLength + tail.byteLength);
  whole.set(head);
  whole.set(tail, head.byteLength);
  return whole;
}
