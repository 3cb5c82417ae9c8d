/** Enough to tell a page from data. */
const HEAD_BYTES = 64;

/** Tells what is wrong with the first bytes of a body; null when nothing is. */
export type CheckHead = (head: Uint8Array) => string | null;

/** Passes a body on once its first bytes were looked at; `onProblem` makes the error of a body that is wrong. */
export async function* checkHead(
  chunks: AsyncIterable<Uint8Array>,
  check: CheckHead,
  onProblem: (state: string) => Error,
): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | null = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (head === null) {
      yield chunk;
      continue;
    }
    head = join(head, chunk);
    if (head.length < HEAD_BYTES) continue;
    throwProblem(head);
    yield head;
    head = null;
  }
  if (head === null) return;
  throwProblem(head);
  yield head;

  function throwProblem(bytes: Uint8Array): void {
    const problem = bytes.length === 0 ? "it is empty" : check(bytes.subarray(0, HEAD_BYTES));
    if (problem !== null) throw onProblem(problem);
  }
}

/** Bytes of a gzip archive. */
export function checkGzipHead(head: Uint8Array): string | null {
  return isGzip(head) ? null : `it is no gzip archive: it begins with ${describeHead(head)}`;
}

/** Bytes of a database: a search tree, in which any byte may be, but not text alone. */
export function checkDatabaseHead(head: Uint8Array): string | null {
  if (!isGzip(head) && !isText(head)) return null;
  return `it is no MaxMind database: it begins with ${describeHead(head)}`;
}

/** Names a page's first tag or the first bytes; other text may be anything, a secret too, and is not repeated. */
function describeHead(head: Uint8Array): string {
  const text = new TextDecoder("latin1").decode(head).replace(/^\u00ef\u00bb\u00bf/, "");
  const tag = /^\s*(<[!?]?[a-z]{1,10})\b/i.exec(text)?.[1];
  if (tag !== undefined) return tag;
  if (isText(head)) return "text";
  return `the bytes ${
    Array.from(head.subarray(0, 4), (byte) => byte.toString(16).padStart(2, "0")).join(" ")
  }`;
}

function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
}

function isText(head: Uint8Array): boolean {
  return head.every((byte) =>
    byte >= 0x20 && byte !== 0x7f || byte === 0x09 || byte === 0x0a || byte === 0x0d
  );
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
