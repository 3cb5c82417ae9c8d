/** Thrown when a body is larger than its reader allows. */
export class BodyTooLargeError extends Error {
  /** Tells it apart in logs. */
  override readonly name = "BodyTooLargeError";
  /** Names the bound, in bytes. */
  constructor(maxBytes: number) {
    super(`Cannot read the body: it is larger than ${maxBytes} bytes`);
  }
}

/**
 * Reads a response's body up to `maxBytes`. Past that the rest is cancelled and `BodyTooLargeError` is thrown;
 * what the connection throws passes through.
 */
export async function readBoundedBody(response: Response, maxBytes: number): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array(0);
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    size += next.value.byteLength;
    if (size > maxBytes) {
      // Not awaited: a peer that keeps sending must not hold its reader back.
      reader.cancel().catch(() => undefined);
      throw new BodyTooLargeError(maxBytes);
    }
    chunks.push(next.value);
  }
  return join(chunks, size);
}

/** Lets a body go unread, so that its connection is freed. Never throws. */
export function discardBody(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}

function join(chunks: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return whole;
}
