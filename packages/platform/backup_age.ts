import type { TransformBytes } from "@ipcascade/core";
import { Decrypter, Encrypter } from "age-encryption";
import { damagedPacking } from "./backup_gzip.ts";

/**
 * Encrypts to all of the recipients (`age1…`), in the format of age (age-encryption.org/v1). Throws an `Error` when one
 * of them is none.
 */
export function encryptTo(recipients: readonly string[]): TransformBytes {
  const create = () => {
    const encrypter = new Encrypter();
    for (const recipient of recipients) encrypter.addRecipient(recipient);
    return encrypter;
  };
  create();
  return async function* (chunks) {
    const encrypter = create();
    const input = openInput(chunks);
    yield* readOutput(input, await encrypter.encrypt(input.stream));
  };
}

/**
 * Decrypts with the first of the identities (`AGE-SECRET-KEY-1…`) that fits. Throws `BackupDamagedError` when the bytes
 * are cut or changed, and when no identity fits.
 */
export function decryptWith(identities: readonly string[]): TransformBytes {
  return async function* (chunks) {
    const decrypter = new Decrypter();
    for (const identity of identities) decrypter.addIdentity(identity);
    const input = openInput(limitHeader(chunks));
    try {
      yield* readOutput(input, await decrypter.decrypt(input.stream));
    } catch (error) {
      if (input.failure !== null) throw input.failure.reason;
      throw damagedPacking(`it can't be decrypted (${describe(error)})`);
    } finally {
      await input.close();
    }
  };
}

/** The input as a web stream, with what it threw, which on its way through streams may become something else. */
interface Input {
  readonly stream: ReadableStream<Uint8Array>;
  readonly failure: { readonly reason: unknown } | null;
  close(): Promise<void>;
}

function openInput(chunks: AsyncIterable<Uint8Array>): Input {
  const iterator = chunks[Symbol.asyncIterator]();
  let failure: Input["failure"] = null;
  const close = async () => void await iterator.return?.();
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      const { done, value } = await iterator.next();
      if (done === true) controller.close();
      // The library counts an empty piece for the end of nothing, and streams don't like them.
      else if (value.length > 0) controller.enqueue(value);
      else await pull(controller);
    } catch (reason) {
      failure = { reason };
      controller.error(reason);
    }
  };
  return {
    stream: new ReadableStream({ pull, cancel: close }, { highWaterMark: 0 }),
    get failure() {
      return failure;
    },
    close,
  };
}

async function* readOutput(input: Input, output: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = output.getReader();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    throw input.failure === null ? error : input.failure.reason;
  } finally {
    await reader.cancel().catch(() => {});
    await input.close();
  }
}

/** The age header of a hundred recipients is a tenth of it. */
const MAX_HEADER_BYTES = 256 * 1024;
const HEADER_END = new TextEncoder().encode("\n--- ");

/** Refuses what has no end of a header near its beginning: the library would collect all of it in memory. */
async function* limitHeader(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head: Uint8Array | null = new Uint8Array(0);
  for await (const chunk of chunks) {
    if (head !== null) {
      const joined: Uint8Array = new Uint8Array(Math.min(head.length + chunk.length, MAX_HEADER_BYTES));
      joined.set(head);
      joined.set(chunk.subarray(0, joined.length - head.length), head.length);
      if (hasHeaderEnd(joined)) head = null;
      else if (joined.length === MAX_HEADER_BYTES) throw damagedPacking("it is not encrypted by age");
      else head = joined;
    }
    yield chunk;
  }
}

function hasHeaderEnd(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) {
    if (HEADER_END.every((byte, index) => bytes[at + index] === byte)) return true;
  }
  return false;
}

/** The library's messages hold no secrets: they are fixed texts. */
function describe(error: unknown): string {
  return error instanceof Error && error.message !== "" ? error.message : "unknown reason";
}
