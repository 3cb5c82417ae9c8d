import { type DeliveryFailure, EditionDeliveryError } from "@ipcascade/core";
import { concatBytes } from "@ipcascade/testkit";
import { gunzip } from "../../platform/gunzip.ts";
import { prepareRefusals } from "./delivery.ts";
import { type EditionForm, unpackEdition } from "./unpack_edition.ts";
import type { UnpackLimits } from "./unpack_limits.ts";

export const EDITION = "GeoLite2-City";

/** What came of unpacking. */
export interface Unpacked {
  readonly bytes: Uint8Array;
  /** Null when it succeeded. */
  readonly error: unknown;
  readonly failure: DeliveryFailure | null;
  readonly message: string;
}

/** Gives bytes in pieces, whose sizes are used in turn. */
export async function* cut(
  bytes: Uint8Array,
  sizes: readonly number[] = [65_536],
): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn++) {
    const size = Math.max(1, sizes[turn % sizes.length]!);
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

/** Unpacks a file and keeps what came out and how it ended. */
export async function unpack(
  file: Uint8Array | AsyncIterable<Uint8Array>,
  options: {
    readonly form?: EditionForm;
    readonly sizes?: readonly number[];
    readonly limits?: Partial<UnpackLimits>;
    readonly sink?: (chunk: Uint8Array) => Promise<void>;
  } = {},
): Promise<Unpacked> {
  const parts: Uint8Array[] = [];
  let error: unknown = null;
  try {
    await unpackEdition(file instanceof Uint8Array ? cut(file, options.sizes) : file, {
      form: options.form ?? "tar.gz",
      editionId: EDITION,
      gunzip,
      limits: options.limits,
      refuse: prepareRefusals("download", EDITION),
      sink: options.sink ?? ((chunk) => {
        parts.push(chunk);
        return Promise.resolve();
      }),
    });
  } catch (thrown) {
    error = thrown;
  }
  const failure = error instanceof EditionDeliveryError ? error.failure : null;
  return { bytes: concatBytes(parts), error, failure, message: error instanceof Error ? error.message : "" };
}
