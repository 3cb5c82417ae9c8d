import type { UnpackContext } from "./unpack_edition.ts";
import { checkGzipHead, checkHead } from "./body_head.ts";
import { RATIO_GRACE_BYTES } from "./unpack_limits.ts";

/** Packed bytes given to gunzip at a time, so that the ratio is known before much comes out of it. */
const STEP_BYTES = 16_384;

/** Unpacks gzip within the limits of size and ratio. */
export async function* unpackGzip(
  chunks: AsyncIterable<Uint8Array>,
  context: UnpackContext,
): AsyncGenerator<Uint8Array> {
  const { gunzip, limits, refuseArchive } = context;
  let packed = 0;
  let unpacked = 0;
  const steps = cutIntoSteps(checkHead(chunks, checkGzipHead, refuseArchive), (size) => {
    packed += size;
  });
  for await (const piece of gunzip(steps)) {
    unpacked += piece.length;
    if (unpacked > limits.maxUnpackedBytes) {
      throw refuseArchive(`it unpacks to more than ${limits.maxUnpackedBytes} bytes`);
    }
    if (unpacked > RATIO_GRACE_BYTES && unpacked > packed * limits.maxRatio) {
      throw refuseArchive(`it unpacks to more than ${limits.maxRatio} times its size`);
    }
    yield piece;
  }
}

async function* cutIntoSteps(
  chunks: AsyncIterable<Uint8Array>,
  onStep: (size: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length; start += STEP_BYTES) {
      const step = chunk.subarray(start, start + STEP_BYTES);
      onStep(step.length);
      yield step;
    }
  }
}
