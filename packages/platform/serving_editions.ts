import {
  choosePlainEdition,
  EDITION_KINDS,
  type EditionKind,
  type EditionSet,
  type EditionStore,
  type PlainEdition,
} from "@ipcascade/core";

/** An edition that is there and can't be read: an incident, unlike one that is not installed. */
export interface UnreadableEdition {
  /** Name of the file, or of the place. */
  readonly name: string;
  /** What is wrong, for people. */
  readonly failure: string;
}

/** A whole edition in memory. */
export type EditionBytes = Uint8Array | UnreadableEdition;

/** The editions that serve; null where there is none of the kind. */
export interface ServingEditions extends Readonly<Record<EditionKind, EditionBytes | null>> {
  /** Another text whenever other editions serve. */
  readonly version: string;
}

/** Tells, without reading the editions, which ones serve. Throws what the store throws. */
export async function readServingVersion(
  store: EditionStore,
  editionIds: readonly string[],
): Promise<string> {
  const id = await store.readCurrentId();
  return id === null ? versionOf(choosePlain(await store.listPlain(), editionIds)) : `set ${id}`;
}

/**
 * Reads the editions that serve: those of the current set, else plain files, of `editionIds` the first that is there,
 * else GeoLite2, else DB-IP's newest month. Never throws: what can't be read is told in its place.
 */
export async function readServingEditions(
  store: EditionStore,
  editionIds: readonly string[],
): Promise<ServingEditions> {
  try {
    const id = await store.readCurrentId();
    if (id === null) return await readPlain(choosePlain(await store.listPlain(), editionIds));
    const set = (await store.listSets()).find((one) => one.id === id);
    if (set !== undefined) return await readSet(set, store);
    return unreadable(`set ${id}`, store, "its manifest can't be read");
  } catch (error) {
    return unreadable("nothing", store, describe(error));
  }
}

async function readSet(set: EditionSet, store: EditionStore): Promise<ServingEditions> {
  const read = async (kind: EditionKind): Promise<EditionBytes | null> => {
    const edition = set.editions.find((one) => one.kind === kind);
    if (edition === undefined) return null;
    return await readFile(edition.file, () => store.readEdition(set.id, edition.file));
  };
  const [city, asn] = await Promise.all([read("city"), read("asn")]);
  return { version: `set ${set.id}`, city, asn };
}

type PlainPair = Readonly<Record<EditionKind, PlainEdition | null>>;

function choosePlain(plain: readonly PlainEdition[], editionIds: readonly string[]): PlainPair {
  const choose = (kind: EditionKind) => {
    const file = choosePlainEdition(kind, plain.map((one) => one.file), editionIds);
    return plain.find((one) => one.file === file) ?? null;
  };
  return { city: choose("city"), asn: choose("asn") };
}

async function readPlain(pair: PlainPair): Promise<ServingEditions> {
  const read = (plain: PlainEdition | null) =>
    plain === null ? null : readFile(plain.file, () => plain.read());
  const [city, asn] = await Promise.all([read(pair.city), read(pair.asn)]);
  return { version: versionOf(pair), city, asn };
}

function versionOf(pair: PlainPair): string {
  const parts = EDITION_KINDS.map((kind) => pair[kind]).map((plain) =>
    plain === null ? "none" : `${plain.file} ${plain.version}`
  );
  return `plain ${parts.join(", ")}`;
}

async function readFile(name: string, read: () => Promise<Uint8Array>): Promise<EditionBytes> {
  try {
    return await read();
  } catch (error) {
    return { name, failure: describe(error) };
  }
}

function unreadable(version: string, { place }: EditionStore, failure: string): ServingEditions {
  const broken = { name: place, failure };
  return { version, city: broken, asn: broken };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
