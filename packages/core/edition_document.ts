import type { EditionSet } from "./edition.ts";
import { isEditionFileName, isEditionSetId } from "./edition_name.ts";
import type { EditionState } from "./edition_state.ts";
import {
  amount,
  type Check,
  count,
  hex,
  instant,
  listOf,
  maybe,
  oneOf,
  optional,
  shaped,
  text,
} from "./shape_check.ts";

/** Reads a set's manifest from outside data; null when it is damaged. */
export function readEditionSet(value: unknown): EditionSet | null {
  return isEditionSet(value) && hasDistinctEditions(value as EditionSet) ? value as EditionSet : null;
}

/** Tells whether a manifest is of another format than this program's: not damaged, and not to be touched. */
export function isForeignSet(value: unknown): boolean {
  if (typeof value !== "object" || value === null || !("format" in value)) return false;
  return typeof value.format === "number" && value.format !== 1;
}

/** Reads the state of updating from outside data; null when it is damaged. Entries of lists that are not known are left out. */
export function readEditionState(value: unknown): EditionState | null {
  const known = dropUnknown(value);
  return isEditionState(known) ? known as EditionState : null;
}

function dropUnknown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const lists = Object.entries(STATE_LISTS).map(([name, isEntry]) => {
    const list: unknown = (value as Record<string, unknown>)[name];
    return [name, Array.isArray(list) ? list.filter(isEntry) : list] as const;
  });
  return { ...value, ...Object.fromEntries(lists) };
}

/** Sorts sets, the newest first. */
export function sortEditionSets(sets: readonly EditionSet[]): readonly EditionSet[] {
  return [...sets].sort((a, b) =>
    Date.parse(b.created_at) - Date.parse(a.created_at) || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0)
  );
}

const setId: Check = (value) => typeof value === "string" && isEditionSetId(value);
const file: Check = (value) => typeof value === "string" && isEditionFileName(value);

const origin = oneOf("maxmind", "dbip", "mirror", "adopted");

const isEditionSet = shaped({
  format: oneOf(1),
  id: setId,
  provider: origin,
  created_at: instant,
  editions: listOf(shaped({
    edition_id: text,
    kind: oneOf("city", "asn"),
    file,
    database_type: text,
    build_epoch: count,
    size_bytes: count,
    sha256: hex(64),
    md5: hex(32),
    release: text,
    modified_at: maybe(instant),
    networks: count,
  })),
  verification: shaped({ verified_at: instant, duration_ms: amount, warnings: listOf(text) }),
});

/** One of each kind at most, in files of their own, and one in all at least. */
function hasDistinctEditions({ editions }: EditionSet): boolean {
  const distinct = (values: readonly string[]) => new Set(values).size === editions.length;
  return editions.length > 0 && distinct(editions.map(({ kind }) => kind)) &&
    distinct(editions.map((edition) => edition.file));
}

/** What the entries of the state's lists are. */
const STATE_LISTS = {
  checks: instant,
  rejected: shaped({
    edition_id: text,
    release: text,
    reason: oneOf("verification", "rolled_back"),
    message: text,
    at: instant,
  }),
  superseded: shaped({ sha256: text, at: instant }),
  events: shaped({
    at: instant,
    event: oneOf("installed", "adopted", "rolled_back", "recovered", "rejected", "destroyed"),
    set: maybe(text),
    provider: optional(origin),
    reason: maybe(text),
  }),
};

const isEditionState = shaped({
  format: oneOf(1),
  checked_at: maybe(instant),
  attempt: maybe(shaped({
    started_at: instant,
    ended_at: maybe(instant),
    outcome: oneOf("installed", "current", "failed", null),
    error: maybe(shaped({ code: text, message: text })),
  })),
  failures: count,
  interruptions: count,
  retry_at: maybe(instant),
  closed_until: maybe(instant),
  settings: maybe(text),
  downloads: shaped({ day: text, count }),
  checks: listOf(STATE_LISTS.checks),
  rejected: listOf(STATE_LISTS.rejected),
  superseded: listOf(STATE_LISTS.superseded),
  events: listOf(STATE_LISTS.events),
});
