/** A DNS reply to a question for TXT records, RFC 1035. */
export interface TxtMessage {
  /** True when the reply did not fit into a datagram and must be asked for over TCP. */
  readonly isTruncated: boolean;
  /** RCODE: 0 no error, 2 server failure, 3 no such name, 5 refused. */
  readonly code: number;
  /** The TXT records of the answer, each one joined from its character strings. */
  readonly records: readonly string[];
}

const HEADER_BYTES = 12;
const TYPE_TXT = 16;
const CLASS_IN = 1;
/** "Recursion desired". */
const FLAG_RD = 0x0100;
const FLAG_QR = 0x8000;
const FLAG_TC = 0x0200;

const utf8 = new TextDecoder("utf-8", { fatal: true });
const latin1 = new TextDecoder("windows-1252");

/** Writes the question for a name's TXT records. Throws `RangeError` when the name can't be written. */
export function encodeTxtQuestion(name: string, id: number): Uint8Array {
  const labels = name.replace(/\.$/, "").split(".").map((label) => new TextEncoder().encode(label));
  const nameBytes = labels.reduce((sum, label) => sum + label.length + 1, 1);
  if (nameBytes > 255 || labels.some((label) => label.length < 1 || label.length > 63)) {
    throw new RangeError(`Cannot ask for "${name}": it is no DNS name`);
  }
  const message = new Uint8Array(HEADER_BYTES + nameBytes + 4);
  const view = new DataView(message.buffer);
  view.setUint16(0, id);
  view.setUint16(2, FLAG_RD);
  view.setUint16(4, 1);
  let offset = HEADER_BYTES;
  for (const label of labels) {
    message[offset] = label.length;
    message.set(label, offset + 1);
    offset += label.length + 1;
  }
  view.setUint16(offset + 1, TYPE_TXT);
  view.setUint16(offset + 3, CLASS_IN);
  return message;
}

/** Tells whether a message is a reply to this question: anything else on the wire is ignored. */
export function isReplyTo(message: Uint8Array, question: Uint8Array): boolean {
  if (message.length < HEADER_BYTES) return false;
  const reply = viewOf(message);
  if (reply.getUint16(0) !== viewOf(question).getUint16(0) || (reply.getUint16(2) & FLAG_QR) === 0) {
    return false;
  }
  // A server that can't read a question may leave it out of its refusal.
  if (reply.getUint16(4) === 0) return (reply.getUint16(2) & 0x0f) !== 0;
  return question.subarray(HEADER_BYTES).every((byte, index) => {
    return foldCase(byte) === foldCase(message[HEADER_BYTES + index]);
  });
}

/** Reads a reply. Throws `RangeError` when it ends too early or points astray. */
export function readTxtMessage(message: Uint8Array): TxtMessage {
  const view = viewOf(message);
  const flags = view.getUint16(2);
  let offset = HEADER_BYTES;
  for (let left = view.getUint16(4); left > 0; left--) offset = skipName(view, offset) + 4;
  const isTruncated = (flags & FLAG_TC) !== 0;
  const records: string[] = [];
  for (let left = isTruncated ? 0 : view.getUint16(6); left > 0; left--) {
    const head = skipName(view, offset);
    const start = head + 10;
    const end = start + view.getUint16(head + 8);
    if (end > message.length) throw new RangeError("Cannot read DNS reply: a record ends after the message");
    if (view.getUint16(head) === TYPE_TXT) records.push(readStrings(message.subarray(start, end)));
    offset = end;
  }
  return { isTruncated, code: flags & 0x0f, records };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Gives the offset after a name, which ends with an empty label or with a pointer to an earlier name. */
function skipName(view: DataView, start: number): number {
  let offset = start;
  for (let length = view.getUint8(offset); length !== 0; length = view.getUint8(offset)) {
    if (length >= 0xc0) return offset + 2;
    offset += length + 1;
  }
  return offset + 1;
}

function readStrings(data: Uint8Array): string {
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < data.length;) {
    const end = offset + 1 + (data[offset] ?? 0);
    if (end > data.length) throw new RangeError("Cannot read DNS reply: a text ends after its record");
    parts.push(data.subarray(offset + 1, end));
    offset = end;
  }
  return decode(Uint8Array.from(parts.flatMap((part) => Array.from(part))));
}

/** TXT records are bytes; organisations' names in them are not always UTF-8. */
function decode(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return latin1.decode(bytes);
  }
}

function foldCase(byte: number | undefined): number | undefined {
  return byte !== undefined && byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}
