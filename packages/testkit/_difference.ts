const MAX_LINES = 200;
const MAX_LINE_LENGTH = 400;

/** Writes a value for an assertion's message: sorted keys, one per line. */
export function format(value: unknown): string {
  return write(value, "", []);
}

/** Shows how two values differ, line by line: `-` is what came, `+` is what was expected. */
export function formatDifference(actual: unknown, expected: unknown): string {
  const came = format(actual).split("\n");
  const wanted = format(expected).split("\n");
  const lines = came.length > MAX_LINES || wanted.length > MAX_LINES
    ? differenceAround(came, wanted)
    : walkDifference(came, wanted, commonLengths(came, wanted));
  return lines.map(clip).join("\n");
}

function differenceAround(came: readonly string[], wanted: readonly string[]): string[] {
  let first = 0;
  while (first < came.length && first < wanted.length && came[first] === wanted[first]) first++;
  const context = came.slice(Math.max(0, first - 3), first).map((line) => `    ${line}`);
  const minus = came.slice(first, first + 5).map((line) => `-   ${line}`);
  const plus = wanted.slice(first, first + 5).map((line) => `+   ${line}`);
  return [`    … ${first} equal lines, then:`, ...context, ...minus, ...plus];
}

function clip(line: string): string {
  if (line.length <= MAX_LINE_LENGTH) return line;
  return `${line.slice(0, MAX_LINE_LENGTH)}… ${line.length} characters`;
}

function commonLengths(came: readonly string[], wanted: readonly string[]): number[][] {
  const table = Array.from({ length: came.length + 1 }, () => new Array<number>(wanted.length + 1).fill(0));
  for (let i = came.length - 1; i >= 0; i--) {
    for (let j = wanted.length - 1; j >= 0; j--) {
      const row = table[i]!;
      const below = table[i + 1]!;
      row[j] = came[i] === wanted[j] ? below[j + 1]! + 1 : Math.max(below[j]!, row[j + 1]!);
    }
  }
  return table;
}

function walkDifference(came: readonly string[], wanted: readonly string[], table: number[][]): string[] {
  const lines: string[] = [];
  let i = 0;
  let j = 0;
  while (i < came.length || j < wanted.length) {
    if (i < came.length && j < wanted.length && came[i] === wanted[j]) {
      lines.push(`    ${came[i++]}`);
      j++;
    } else if (j >= wanted.length || (i < came.length && table[i + 1]![j]! >= table[i]![j + 1]!)) {
      lines.push(`-   ${came[i++]}`);
    } else {
      lines.push(`+   ${wanted[j++]}`);
    }
  }
  return lines;
}

function write(value: unknown, indent: string, parents: readonly unknown[]): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return `[Function ${value.name || "anonymous"}]`;
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return String(value);
  if (parents.includes(value)) return "[Circular]";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp || value instanceof URL) return String(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return writeContainer(value, indent, [...parents, value]);
}

function writeContainer(value: object, indent: string, parents: readonly unknown[]): string {
  const inner = `${indent}  `;
  const name = Object.getPrototypeOf(value)?.constructor?.name ?? "Object";
  const nested = (item: unknown) => write(item, inner, parents);
  if (Array.isArray(value)) return block("[", "]", value.map(nested), indent);
  if (value instanceof Set) return block("Set {", "}", [...value].map(nested), indent);
  if (value instanceof Map) {
    return block("Map {", "}", [...value].map(([key, item]) => `${nested(key)} => ${nested(item)}`), indent);
  }
  if (ArrayBuffer.isView(value)) return `${name} [${shortList(value)}]`;
  const entries = Reflect.ownKeys(value)
    .sort((a, b) => (String(a) < String(b) ? -1 : 1))
    .map((key) => `${writeKey(key)}: ${nested(Reflect.get(value, key))}`);
  return block(name === "Object" ? "{" : `${name} {`, "}", entries, indent);
}

function shortList(view: ArrayBufferView): string {
  const items = [...new Uint8Array(view.buffer, view.byteOffset, Math.min(view.byteLength, 64))];
  return items.join(", ") + (view.byteLength > 64 ? `, … ${view.byteLength} bytes` : "");
}

function writeKey(key: PropertyKey): string {
  if (typeof key !== "string") return String(key);
  return /^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key);
}

function block(open: string, close: string, items: readonly string[], indent: string): string {
  if (items.length === 0) return open + close;
  return `${open}\n${items.map((item) => `${indent}  ${item},\n`).join("")}${indent}${close}`;
}
