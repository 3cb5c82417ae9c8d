import { Buffer } from "node:buffer";

/**
 * What is read of S3's answers. They are flat lists of elements without attributes, so a few extractions do; what does
 * not look like one is no answer, and nothing is ever built from what an answer declares.
 */
export function listElements(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}>(.*?)</${name}>`, "gs"))].map((match) => match[1]!);
}

/** The text of the first element of a name; null without one. */
export function findText(xml: string, name: string): string | null {
  const match = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml);
  return match === null ? null : unescapeXml(match[1]!);
}

/** The code of an error, such as `NoSuchBucket`; null when the text holds none. */
export function findErrorCode(xml: string): string | null {
  if (!/<Error[\s>]/.test(xml)) return null;
  const code = findText(xml, "Code");
  return code !== null && /^[A-Za-z0-9.]{1,60}$/.test(code) ? code : null;
}

/** A key as a listing gives it; null for one that can't be decoded, which is none of ours. */
export function decodeKey(key: string, isEncoded: boolean): string | null {
  if (!isEncoded) return key;
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return null;
  }
}

/** The document that joins the parts of an upload. */
export function writeParts(etags: readonly string[]): Uint8Array {
  const parts = etags.map((etag, index) =>
    `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`
  );
  return Buffer.from(`<CompleteMultipartUpload>${parts.join("")}</CompleteMultipartUpload>`);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function unescapeXml(text: string): string {
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#(\d{1,7})|([a-z]{2,4}));/g, (whole, hex, decimal, name) => {
    if (name !== undefined) return ENTITIES[name] ?? whole;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}
