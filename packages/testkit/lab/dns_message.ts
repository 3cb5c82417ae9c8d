import { Buffer } from "node:buffer";

/** A question as a client asks it. */
export interface DnsQuestion {
  /** Lower case, without the final dot. */
  readonly name: string;
  /** 16 is TXT. */
  readonly type: number;
  /** Where the question ends in the message. */
  readonly end: number;
}

/** Response codes (RFC 1035, section 4.1.1). */
export const DNS_RCODES = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3, REFUSED: 5 } as const;

/** Type number of TXT. */
export const DNS_TXT = 16;

const HEADER_BYTES = 12;
const TTL_SECONDS = 300;

/** Reads the first question of a message; null when it has none. */
export function readQuestion(message: Buffer): DnsQuestion | null {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  while (at < message.length && message[at] !== 0) {
    const length = message[at]!;
    if (length > 63) return null;
    labels.push(message.toString("latin1", at + 1, at + 1 + length));
    at += length + 1;
  }
  if (at + 5 > message.length) return null;
  return { name: labels.join(".").toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** Writes the answer to a question: one TXT record a text. Letters travel as Latin-1. */
export function writeAnswer(
  query: Buffer,
  answer: {
    readonly question: DnsQuestion;
    readonly rcode: keyof typeof DNS_RCODES;
    readonly texts: readonly string[];
  },
): Buffer {
  const head = Buffer.from(query.subarray(0, answer.question.end));
  // Response, recursion desired and available.
  head.writeUInt16BE(0x8180 | DNS_RCODES[answer.rcode], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(answer.texts.length, 6);
  head.writeUInt16BE(0, 8);
  head.writeUInt16BE(0, 10);
  return Buffer.concat([head, ...answer.texts.map(textRecord)]);
}

function textRecord(text: string): Buffer {
  const bytes = Buffer.from(text, "latin1");
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length || at === 0; at += 255) {
    const chunk = bytes.subarray(at, at + 255);
    chunks.push(Buffer.from([chunk.length]), chunk);
  }
  const data = Buffer.concat(chunks);
  const head = Buffer.alloc(HEADER_BYTES);
  // The name is a pointer to the question's.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(DNS_TXT, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(TTL_SECONDS, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
