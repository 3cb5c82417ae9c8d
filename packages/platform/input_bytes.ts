import { quoteInput } from "@ipcascade/core";
import { unpackGzip } from "./input_gzip.ts";
import { InputUnreadableError } from "./input_unreadable_error.ts";

/**
 * Bytes of the input that is called `name`, gzip unpacked. One that can't be read further ends them; what is wrong
 * with it goes to `failures`.
 */
export async function* unpackBytes(
  bytes: AsyncIterable<Uint8Array>,
  name: string,
  failures: InputUnreadableError[],
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpackGzip(bytes, name);
  } catch (error) {
    if (!(error instanceof InputUnreadableError)) throw error;
    failures.push(error);
  }
}

/** Throws `InputUnreadableError` when the first line of an input, read as UTF-8, is UTF-16. */
export function refuseUtf16(line: string, name: string): void {
  if (!isUtf16(line)) return;
  throw new InputUnreadableError(`Cannot read ${quoteInput(name)}: it is UTF-16, allowed is UTF-8`);
}

/** Tells whether the first line of an input, read as UTF-8, shows that it is UTF-16. */
export function isUtf16(line: string): boolean {
  return /^\uFFFD\uFFFD.?\0/.test(line);
}
