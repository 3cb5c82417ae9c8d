import { EditionDeliveryError, type EditionSink } from "@ipcascade/core";
import { cleanText } from "../clean_text.ts";
import { checkDatabaseHead, checkHead } from "./body_head.ts";
import type { Refuse } from "./delivery.ts";
import type { Gunzip } from "./gunzip.ts";
import { unpackGzip } from "./unpack_gzip.ts";
import { UNPACK_LIMITS, type UnpackLimits } from "./unpack_limits.ts";
import { unpackTar } from "./unpack_tar.ts";

/** How a file holds a database: bare, compressed, or in a compressed archive. */
export type EditionForm = "mmdb" | "mmdb.gz" | "tar.gz";

/** What a file is, and where its database goes. */
export interface UnpackOptions {
  readonly form: EditionForm;
  /** An archive has to hold `<edition id>.mmdb`. */
  readonly editionId: string;
  readonly gunzip: Gunzip;
  readonly sink: EditionSink;
  readonly refuse: Refuse;
  readonly limits?: Partial<UnpackLimits>;
}

/** What the steps of unpacking share. */
export interface UnpackContext extends Pick<UnpackOptions, "editionId" | "gunzip" | "sink"> {
  readonly limits: UnpackLimits;
  readonly refuseArchive: (state: string) => EditionDeliveryError;
}

/**
 * Takes the database out of a file as it arrives. Throws `EditionDeliveryError` of kind `archive` for whatever is wrong
 * with the file; what `chunks` and the sink throw passes through. The sink is not called any more when this is settled.
 */
export async function unpackEdition(
  chunks: AsyncIterable<Uint8Array>,
  options: UnpackOptions,
): Promise<void> {
  const outside = new Outside();
  const limits = { ...UNPACK_LIMITS, ...options.limits };
  const refuseArchive = (state: string) => options.refuse("archive", state);
  const context = { ...options, limits, refuseArchive, sink: outside.watchSink(options.sink) };
  try {
    await unpack(
      outside.watch(limitSize(chunks, limits.maxPackedBytes, refuseArchive)),
      options.form,
      context,
    );
  } catch (error) {
    // Streams and zlib pass on what failed outside, in whatever shape; the first failure is the true one.
    if (outside.failure !== null) throw outside.failure.error;
    if (error instanceof EditionDeliveryError) throw error;
    throw refuseArchive(describeDamage(error));
  }
}

async function unpack(
  chunks: AsyncIterable<Uint8Array>,
  form: EditionForm,
  context: UnpackContext,
): Promise<void> {
  switch (form) {
    case "mmdb":
      return await deliverBare(checkHead(chunks, checkDatabaseHead, context.refuseArchive), context);
    case "mmdb.gz":
      return await deliverBare(
        checkHead(unpackGzip(chunks, context), checkDatabaseHead, context.refuseArchive),
        context,
      );
    case "tar.gz":
      return await unpackTar(unpackGzip(chunks, context), context);
  }
}

async function deliverBare(pieces: AsyncIterable<Uint8Array>, { sink }: UnpackContext): Promise<void> {
  for await (const piece of pieces) await sink(piece);
}

async function* limitSize(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  refuseArchive: (state: string) => Error,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of chunks) {
    size += chunk.length;
    if (size > maxBytes) throw refuseArchive(`it is larger than ${maxBytes} bytes`);
    yield chunk;
  }
}

/** zlib and the tar decoder speak of formats alone, never of contents. */
function describeDamage(error: unknown): string {
  const words = error instanceof Error ? cleanText(error.message, 100) : null;
  return `it is damaged: ${(words ?? "it can't be unpacked").replace(/\.$/, "")}`;
}

/** Remembers the first failure of what unpacking is connected to. */
class Outside {
  failure: { readonly error: unknown } | null = null;

  async *watch(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* chunks;
    } catch (error) {
      this.failure ??= { error };
      throw error;
    }
  }

  watchSink(sink: EditionSink): EditionSink {
    return async (chunk) => {
      try {
        await sink(chunk);
      } catch (error) {
        this.failure ??= { error };
        throw error;
      }
    };
  }
}
