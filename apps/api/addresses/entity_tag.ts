import type { IpRecord } from "@ipcascade/core";

/** What tells about the asking, not about the address. */
const PASSING = new Set(["from_inventory", "duration_ms"]);

/**
 * The entity tag of a record: the same for the same facts, whatever order its fields come in, whether the inventory
 * had them and how long the asking took. Of `_meta` the outcomes count. What is looked up in the editions alone has
 * new stamps each time, so that those don't count there.
 */
export function createEntityTag(record: IpRecord, { isOffline }: { readonly isOffline: boolean }): string {
  const isPassing = (key: string, isMeta: boolean) =>
    PASSING.has(key) || (isMeta && key === "until") ||
    ((isMeta || isOffline) && (key === "checked_at" || key === "enrichment_ts"));
  return `"${hash(describe(record, isPassing, false))}"`;
}

function describe(
  value: unknown,
  isPassing: (key: string, isMeta: boolean) => boolean,
  isMeta: boolean,
): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "";
  const fields = value as Readonly<Record<string, unknown>>;
  let text = "{";
  for (const key of Object.keys(fields).sort()) {
    const inner = fields[key];
    if (inner === undefined || isPassing(key, isMeta)) continue;
    text += `${key}:${describe(inner, isPassing, isMeta || key === "_meta")},`;
  }
  return `${text}}`;
}

/** Two 32-bit FNV-1a hashes with different starts, in hexadecimal. */
function hash(text: string): string {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ (code + (i & 0xff)), 0x85ebca6b);
  }
  const hex = (half: number) => (half >>> 0).toString(16).padStart(8, "0");
  return hex(a) + hex(b ^ (b >>> 16));
}

/** Tells whether `If-None-Match` names the tag (RFC 9110, 13.1.2). */
export function namesTag(header: string, tag: string): boolean {
  return header.trim() === "*" ||
    header.split(",").some((one) => one.trim().replace(/^W\//, "") === tag);
}
