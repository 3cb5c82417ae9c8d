import { type Clock, EnrichmentError, UsageError } from "@ipcascade/core";

/** Thrown when a body ended before its end: the client is gone. */
export class BodyCutError extends EnrichmentError {
  override readonly code = "BODY_CUT";
}

/** Thrown when a body can't be unpacked. */
export class BodyDamagedError extends EnrichmentError {
  override readonly code = "BODY_DAMAGED";
}

/** Thrown when nothing more came for too long. */
export class BodyStalledError extends EnrichmentError {
  override readonly code = "BODY_STALLED";
}

/** Packed bytes that are unpacked at once: they become a thousand times as many at most. */
const PACKED_SIZE = 4 * 1024;

/** Most bytes that a packed body unpacks to. */
const MAX_UNPACKED_BYTES = 2 ** 30;

/** How a body is read. */
export interface BodyOptions {
  readonly clock: Clock;
  /** How long the next bytes are waited for. */
  readonly idleMs: number;
  readonly isGzip: boolean;
}

/** Reads a body piece by piece, each once somebody asks for it. Throws the errors above. */
export async function* readBody(
  body: ReadableStream<Uint8Array>,
  options: BodyOptions,
): AsyncGenerator<Uint8Array> {
  const received = readPieces(body, options);
  if (!options.isGzip) return yield* received;
  let unpacked = 0;
  for await (const piece of readStream(unpack(received))) {
    unpacked += piece.length;
    if (unpacked > MAX_UNPACKED_BYTES) {
      throw new UsageError(`Cannot read the body: it unpacks to more than ${MAX_UNPACKED_BYTES} bytes`);
    }
    yield piece;
  }
}

async function* readPieces(
  body: ReadableStream<Uint8Array>,
  { clock, idleMs }: BodyOptions,
): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    while (true) {
      const step = await inTime(reader.read(), { clock, idleMs });
      if (step.done) return;
      yield step.value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

async function inTime<Value>(
  reading: Promise<Value>,
  { clock, idleMs }: Pick<BodyOptions, "clock" | "idleMs">,
): Promise<Value> {
  const timer = new AbortController();
  const late = clock.sleep(idleMs, timer.signal).then(() => {
    throw new BodyStalledError(`Nothing more of the body came for ${idleMs / 1_000} s`);
  });
  late.catch(() => {});
  try {
    return await Promise.race([reading.catch(throwCut), late]);
  } finally {
    timer.abort();
  }
}

function throwCut(error: unknown): never {
  throw new BodyCutError(`The body broke off: ${error instanceof Error ? error.message : String(error)}`);
}

function unpack(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  const packed = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const step = await small.next();
      if (step.done === true) controller.close();
      else controller.enqueue(step.value);
    },
    cancel: () => void pieces.return(undefined).catch(() => {}),
  }, { highWaterMark: 0 });
  const small = cutSmall(pieces);
  return packed.pipeThrough(new DecompressionStream("gzip"));
}

async function* cutSmall(pieces: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const piece of pieces) {
    for (let start = 0; start < piece.length; start += PACKED_SIZE) {
      yield piece.slice(start, start + PACKED_SIZE) as Uint8Array<ArrayBuffer>;
    }
  }
}

async function* readStream(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  try {
    while (true) {
      const step = await reader.read().catch((error) => {
        // What the reader of the packed bytes threw comes through as it is.
        if (error instanceof EnrichmentError) throw error;
        throw new BodyDamagedError("The body can't be unpacked: it is no gzip, or is damaged");
      });
      if (step.done) return;
      yield step.value;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}
