/** Letters of Bech32 (BIP 173), each for five bits. */
const LETTERS = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/** Of the checksum of Bech32. */
const GENERATORS = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];
/** 32 bytes and the checksum, in letters. */
const KEY_LETTERS = 58;

/** Tells whether a text is a public key of age, as far as its letters tell: `age1…`, and its newer kinds. */
export function isAgeRecipient(text: string): boolean {
  const [prefix, data] = split(text);
  if (!isBech32(prefix, data)) return false;
  if (prefix === "age") return data.length === KEY_LETTERS;
  return ["age1pq", "age1tag", "age1tagpq"].includes(prefix);
}

/** Tells whether a text is a secret key of age, as age-keygen writes it. */
export function isAgeIdentity(text: string): boolean {
  if (text !== text.toUpperCase()) return false;
  const [prefix, data] = split(text.toLowerCase());
  return ["age-secret-key-", "age-secret-key-pq-"].includes(prefix) && data.length === KEY_LETTERS &&
    isBech32(prefix, data);
}

function split(text: string): readonly [string, string] {
  const end = text.lastIndexOf("1");
  return [text.slice(0, Math.max(0, end)), text.slice(end + 1)];
}

/** The checksum tells every key with a letter wrong. */
function isBech32(prefix: string, data: string): boolean {
  const values = [...data].map((letter) => LETTERS.indexOf(letter));
  if (values.includes(-1)) return false;
  const codes = [...prefix].map((letter) => letter.charCodeAt(0));
  return checksum([...codes.map((code) => code >> 5), 0, ...codes.map((code) => code & 31), ...values]) === 1;
}

function checksum(values: readonly number[]): number {
  let sum = 1;
  for (const value of values) {
    const top = sum >>> 25;
    sum = (sum & 0x1ffffff) << 5 ^ value;
    GENERATORS.forEach((generator, bit) => sum ^= top >> bit & 1 ? generator : 0);
  }
  return sum;
}
