// One function for each record size, without a branch on the address: half of those would be predicted wrongly. Small
// enough for the engine to put each into the loops that call it.

/** The record of a node that the highest bit of `word` leads to, 24 bits each. */
export function readRecord24(view: DataView, node: number, word: number): number {
  // Reads one byte too many, which the separator after the last node has room for.
  return view.getUint32(node * 6 + (word >>> 31) * 3) >>> 8;
}

/** The same with 28 bits. */
export function readRecord28(view: DataView, node: number, word: number): number {
  // The middle byte has the highest bits of both: the left ones in its upper half, the right ones in its lower.
  const bytes = view.getUint32(node * 7 + (word >>> 31) * 3);
  const left = (bytes >>> 8) | ((bytes & 0xf0) << 20);
  const isRight = word >> 31;
  return (left & ~isRight) | (bytes & 0x0fffffff & isRight);
}

/** The same with 32 bits. */
export function readRecord32(view: DataView, node: number, word: number): number {
  return view.getUint32(node * 8 + (word >>> 31) * 4);
}
