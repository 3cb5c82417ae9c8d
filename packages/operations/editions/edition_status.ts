import {
  choosePlainEdition,
  downloadsToday,
  editionAgeDays,
  editionExpiry,
  type EditionGrade,
  type EditionKind,
  type EditionManifest,
  type EditionSet,
  type EditionState,
  findEditionLicence,
  findHold,
  formatInstant,
  gradeEditionAge,
  isExpired,
  MS_PER_SECOND,
  worstGrade,
} from "@ipcascade/core";
import { readKeptSets } from "./current_set.ts";
import type { EditionDeps, EditionPolicy } from "./deps.ts";
import { readEditionRequests } from "./edition_requests.ts";
import { findDamage } from "./intact_edition.ts";
import { reportError } from "../reported_error.ts";

/** How one edition that serves stands. */
export interface EditionStatusItem {
  readonly edition_id: string;
  readonly kind: EditionKind;
  /** Name of the file; null when there is none. */
  readonly file: string | null;
  readonly database_type: string | null;
  /** Seconds since 1970 UTC. */
  readonly build_epoch: number | null;
  /** The same, RFC 3339. */
  readonly built_at: string | null;
  /** Days since the build. */
  readonly age_days: number | null;
  /** Up to 7 days `ok`, then `info`, above 14 `warning`; missing, unreadable, damaged or expired is `critical`. */
  readonly grade: EditionGrade;
  /** Why, in one sentence. */
  readonly message: string;
  readonly size_bytes: number | null;
  readonly sha256: string | null;
  /** RFC 3339; by when the licence wants it destroyed, once a newer release was seen. */
  readonly expires_at: string | null;
  /** What has to be shown wherever its results are shown. */
  readonly attribution: string | null;
}

/** The report on what serves and on updating. */
export interface EditionStatusReport {
  readonly operation: "edition-status";
  /** The worst of the items' grades. */
  readonly grade: EditionGrade;
  /** Where editions are kept. */
  readonly place: string;
  /** A set, plain files as geoipupdate leaves them, or nothing. */
  readonly serving: "set" | "plain" | "nothing";
  readonly set: string | null;
  /** Who delivered the set. */
  readonly provider: string | null;
  readonly items: readonly EditionStatusItem[];
  readonly checked_at: string | null;
  readonly attempt: EditionState["attempt"];
  readonly failures: number;
  /** Earliest next attempt, when something holds it back. */
  readonly next_attempt_at: string | null;
  readonly downloads_today: number;
  readonly rejected: EditionState["rejected"];
}

/** How status is asked for. */
export interface EditionStatusOptions {
  readonly policy: EditionPolicy;
  /** Stands for provider and account, as for `updateEditions`. */
  readonly settings: string;
}

/** Tells what serves, how old it is, and how updating stands. Asks no provider. Throws `EditionStoreError`. */
export async function readEditionStatus(
  deps: EditionDeps,
  options: EditionStatusOptions,
): Promise<EditionStatusReport> {
  const { store, clock } = deps;
  const state = await store.readState();
  const { current } = await readKeptSets(store);
  const items = current === null
    ? await describePlain(deps, options.policy)
    : await describeCurrent(current, state, deps, options.policy);
  const hasFile = items.some(({ file }) => file !== null);
  const now = clock.now();
  const hold = findHold(state, { now, settings: options.settings });
  return {
    operation: "edition-status",
    grade: worstGrade(items.map(({ grade }) => grade)),
    place: store.place,
    serving: current !== null ? "set" : hasFile ? "plain" : "nothing",
    set: current?.id ?? null,
    provider: current?.provider ?? null,
    items,
    checked_at: state.checked_at,
    attempt: state.attempt,
    failures: state.failures,
    next_attempt_at: hold === null ? null : formatInstant(hold.until),
    downloads_today: downloadsToday(state, now),
    rejected: state.rejected,
  };
}

async function describeCurrent(
  set: EditionSet,
  state: EditionState,
  deps: EditionDeps,
  policy: EditionPolicy,
): Promise<readonly EditionStatusItem[]> {
  const items: EditionStatusItem[] = [];
  for (const { edition_id, kind } of readEditionRequests(policy.editionIds).requests) {
    const edition = set.editions.find((one) => one.kind === kind);
    items.push(
      edition === undefined
        ? missing(edition_id, kind)
        : await describeEdition(edition, { set, state, deps }),
    );
  }
  return items;
}

async function describeEdition(
  edition: EditionManifest,
  { set, state, deps }: { set: EditionSet; state: EditionState; deps: EditionDeps },
): Promise<EditionStatusItem> {
  const { edition_id, kind, file, size_bytes, sha256 } = edition;
  const base = { edition_id, kind, file, size_bytes, sha256 };
  const expires_at = editionExpiry(edition, state);
  const now = deps.clock.now();
  const known = { ...describeBuild(edition, now), ...base, expires_at };
  const damage = await findDamage(edition, set.id, deps);
  if (damage !== null) return { ...known, grade: "critical", message: damage };
  if (!isExpired(expires_at, now)) return known;
  const message = `a newer release is known: the licence wanted this one gone by ${expires_at}`;
  return { ...known, grade: "critical", message };
}

async function describePlain(
  deps: EditionDeps,
  policy: EditionPolicy,
): Promise<readonly EditionStatusItem[]> {
  const plain = await deps.store.listPlain();
  const items: EditionStatusItem[] = [];
  for (const { edition_id, kind } of readEditionRequests(policy.editionIds).requests) {
    const file = choosePlainEdition(kind, plain.map((one) => one.file), policy.editionIds);
    const found = plain.find((one) => one.file === file);
    if (found === undefined) {
      items.push(missing(edition_id, kind));
      continue;
    }
    const base = { ...missing(edition_id, kind), file: found.file };
    try {
      const bytes = await found.read();
      const build = describeBuild(deps.inspect(bytes), deps.clock.now());
      items.push({ ...base, ...build, size_bytes: bytes.byteLength });
    } catch (error) {
      items.push({ ...base, message: reportError(error).message });
    }
  }
  return items;
}

type Build = Pick<
  EditionStatusItem,
  "database_type" | "build_epoch" | "built_at" | "age_days" | "grade" | "message" | "attribution"
>;

function describeBuild(
  { database_type, build_epoch }: Pick<EditionManifest, "database_type" | "build_epoch">,
  now: number,
): Build {
  const age = editionAgeDays(build_epoch, now);
  const grade = gradeEditionAge(build_epoch, now);
  const days = `built ${Math.floor(age)} days ago`;
  const messages = {
    ok: `fresh, ${days}`,
    info: `update soon, ${days}`,
    warning: `outdated, ${days}`,
  };
  return {
    database_type,
    build_epoch,
    built_at: formatInstant(build_epoch * MS_PER_SECOND),
    age_days: Math.round(age * 10) / 10,
    grade,
    message: messages[grade],
    attribution: findEditionLicence(database_type)?.attribution ?? null,
  };
}

function missing(edition_id: string, kind: EditionKind): EditionStatusItem {
  return {
    edition_id,
    kind,
    file: null,
    database_type: null,
    build_epoch: null,
    built_at: null,
    age_days: null,
    grade: "critical",
    message: "not installed",
    size_bytes: null,
    sha256: null,
    expires_at: null,
    attribution: null,
  };
}
