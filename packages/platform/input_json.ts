import { quoteInput } from "@ipcascade/core";
import { type InputItem, type ItemReader, ownText, problemItem } from "./input_item.ts";
import { LINE_TOO_LONG, type LineChunk } from "./input_lines.ts";

/** Fields that name an address in logs and in the product's own output, the likeliest first. */
export const ADDRESS_FIELDS = [
  ...["ip", "ip_address", "src_ip", "source_ip", "client_ip", "remote_ip", "remote_addr", "address", "addr"],
  ...["source.ip", "client.ip", "input"],
];

type Origin = { readonly name: string; readonly line: number };

/** Reads NDJSON: the first of the fields (dotted paths) that a line's object has; a JSON string is the text itself. */
export function createNdjsonReader(fields: readonly string[]): ItemReader {
  return {
    read: (chunk) => readLines(chunk, (line, origin) => readObject(line, origin, fields)),
    end: () => [],
  };
}

/** Reads Cowrie's JSON log: the source of each `cowrie.session.connect`. */
export function createCowrieReader(): ItemReader {
  return { read: (chunk) => readLines(chunk, readCowrie), end: () => [] };
}

function readLines(
  chunk: LineChunk,
  readLine: (line: string, origin: Origin) => InputItem | null,
): readonly InputItem[] {
  const { name, firstLine, lines, tooLong } = chunk;
  const items: InputItem[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!;
    if (line.trim() === "") continue;
    const origin = { name, line: firstLine + i };
    const isTooLong = tooLong.length > 0 && tooLong.includes(i);
    const item = isTooLong ? problemItem(line, origin, LINE_TOO_LONG) : readLine(line, origin);
    if (item !== null) items.push(item);
  }
  return items;
}

function readObject(line: string, origin: Origin, fields: readonly string[]): InputItem {
  const value = parseJson(line);
  if (typeof value === "string") return { text: ownText(value.trim()), origin };
  if (!isObject(value)) {
    return problemItem(line, origin, `Cannot read ${quoteInput(line)} as NDJSON: ${describeAllowed(fields)}`);
  }
  for (const field of fields) {
    const found = findField(value, field);
    if (found === undefined || found === null) continue;
    if (typeof found === "string") return { text: ownText(found.trim()), origin };
    const problem = `Cannot read "${field}" of ${quoteInput(line)}: it is no string`;
    return problemItem(line, origin, problem);
  }
  return problemItem(
    line,
    origin,
    `Cannot find an address in ${quoteInput(line)}: ${describeAllowed(fields)}`,
  );
}

function describeAllowed(fields: readonly string[]): string {
  const named = fields.slice(0, 3).map((field) => `"${field}"`).join(", ");
  return `allowed are an object with ${named}${fields.length > 3 ? " or the like" : ""}, and a string`;
}

function readCowrie(line: string, origin: Origin): InputItem | null {
  const trimmed = line.trim();
  const isComplete = trimmed.startsWith("{") && trimmed.endsWith("}");
  // Most events are of other kinds; parsing only what may be a connection saves most of the time.
  if (isComplete && !trimmed.includes("cowrie.session.connect")) return null;
  const value = parseJson(trimmed);
  if (!isObject(value)) {
    return problemItem(
      line,
      origin,
      `Cannot read ${quoteInput(line)} as a Cowrie event: it is not a JSON object`,
    );
  }
  if (value.eventid !== "cowrie.session.connect") return null;
  if (typeof value.src_ip === "string") return { text: ownText(value.src_ip.trim()), origin };
  return problemItem(line, origin, `Cannot read ${quoteInput(line)} as a Cowrie event: it has no "src_ip"`);
}

/** Tells whether a line is an event of Cowrie's JSON log. */
export function isCowrieLine(line: string): boolean {
  const value = parseJson(line);
  return isObject(value) && typeof value.eventid === "string" && value.eventid.startsWith("cowrie.");
}

/** Tells whether a line is a JSON object or string, as NDJSON inputs have them. */
export function isNdjsonLine(line: string): boolean {
  const value = parseJson(line);
  return typeof value === "string" || isObject(value);
}

/** The value under a name with dots in it, else under a path of names. */
function findField(value: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(value, path)) return value[path];
  let inner: unknown = value;
  for (const name of path.split(".")) {
    if (!isObject(inner) || !Object.hasOwn(inner, name)) return undefined;
    inner = inner[name];
  }
  return inner;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
