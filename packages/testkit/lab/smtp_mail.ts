import { Buffer } from "node:buffer";

/** Who sent a mail to whom, and how. */
export interface MailEnvelope {
  readonly from: string;
  readonly to: readonly string[];
  /** Who logged in; null when nobody did. */
  readonly user: string | null;
  /** The connection was encrypted. */
  readonly isSecure: boolean;
}

/** A mail that the server took. */
export interface LabMail extends MailEnvelope {
  /** As it was sent, dots unstuffed. */
  readonly raw: string;
  /** Headers by their names in lower case, unfolded; encoded words are decoded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly subject: string;
  /** The body as people read it; lines end with a newline. */
  readonly text: string;
}

/** Reads a message of one part. */
export function readMail(data: string, envelope: MailEnvelope): LabMail {
  const raw = data.replace(/(^|\r\n)\.\./g, "$1.");
  const split = raw.indexOf("\r\n\r\n");
  const headers = readHeaders(raw.slice(0, split));
  const text = decodeBody(raw.slice(split + 4), headers.get("content-transfer-encoding") ?? "7bit");
  return { ...envelope, raw, headers, subject: headers.get("subject") ?? "", text };
}

function readHeaders(head: string): Map<string, string> {
  const lines = head.replace(/\r\n[ \t]+/g, " ").split("\r\n");
  return new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), decodeWords(line.slice(colon + 1).trim())];
  }));
}

/** RFC 2047. */
function decodeWords(text: string): string {
  return text.replace(/\?=\s+=\?/g, "?==?").replace(
    /=\?utf-8\?([qb])\?([^?]*)\?=/gi,
    (_, encoding: string, word: string) =>
      encoding.toLowerCase() === "b"
        ? Buffer.from(word, "base64").toString()
        : decodeQuoted(word.replaceAll("_", " ")),
  );
}

function decodeBody(body: string, encoding: string): string {
  const text = encoding === "base64"
    ? Buffer.from(body, "base64").toString()
    : encoding === "quoted-printable"
    ? decodeQuoted(body.replace(/=\r\n/g, ""))
    : Buffer.from(body, "latin1").toString();
  return text.replaceAll("\r\n", "\n");
}

function decodeQuoted(text: string): string {
  const bytes = text.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString();
}
