/** The bytes of a data section, out of numbers, texts and lists of numbers. */
export function bytesOf(...parts: readonly (number | string | readonly number[])[]): Uint8Array {
  const encoder = new TextEncoder();
  return Uint8Array.from(
    parts.flatMap((part) => typeof part === "string" ? [...encoder.encode(part)] : part),
  );
}

/** An array of one item, so many times inside each other, around an empty map. */
export function nested(levels: number): Uint8Array {
  return bytesOf(...Array.from({ length: levels }, () => [0x01, 0x04]), 0xe0);
}
