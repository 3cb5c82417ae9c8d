const DIGITS = new TextEncoder().encode("0123456789abcdef");
const PREFIX = "\\x";

/** Writes bytes as PostgreSQL's hexadecimal text. */
export function encodeBytea(bytes: Uint8Array): string {
  const digits = new Uint8Array(bytes.length * 2);
  for (let index = 0, at = 0; index < bytes.length; index++) {
    const byte = bytes[index]!;
    digits[at++] = DIGITS[byte >>> 4]!;
    digits[at++] = DIGITS[byte & 15]!;
  }
  return PREFIX + new TextDecoder().decode(digits);
}

/** Reads PostgreSQL's hexadecimal text. */
export function decodeBytea(text: string): Uint8Array {
  const digits = new TextEncoder().encode(text);
  const bytes = new Uint8Array((digits.length - PREFIX.length) / 2);
  for (let index = 0, at = PREFIX.length; index < bytes.length; index++, at += 2) {
    bytes[index] = valueOf(digits[at]!) << 4 | valueOf(digits[at + 1]!);
  }
  return bytes;
}

/** Of a digit or a lower-case letter. */
function valueOf(digit: number): number {
  return digit <= 57 ? digit - 48 : digit - 87;
}
