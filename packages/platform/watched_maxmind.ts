import { clearInterval, setInterval } from "node:timers";
import {
  type Clock,
  type EditionKind,
  type EditionStore,
  EditionUnreadableError,
  findEditionLicence,
  type Log,
  type MaxmindSource,
  MS_PER_MINUTE,
} from "@ipcascade/core";
import { createMaxmindSource, isEditionOfKind, Mmdb, openMmdb } from "@ipcascade/sources/maxmind";
import {
  type EditionBytes,
  readServingEditions,
  readServingVersion,
  type ServingEditions,
} from "./serving_editions.ts";

/** The installed editions, taken over by the next set without restart; dispose it to stop watching. */
export interface WatchedMaxmind extends MaxmindSource, AsyncDisposable {
  /** Why the newest set does not serve here; null when it does. */
  readonly fault: string | null;
  /** What has to be shown wherever results are shown. */
  readonly attributions: readonly string[];
  /** Bytes of the editions in memory; null where one is not installed or can't be used. */
  readonly sizes: Readonly<Record<EditionKind, number | null>>;
  /** What serves, for whoever works on it directly; null where it can't all be used. Another object with each set. */
  readonly editions: ServingPair | null;
  /** Looks now whether another set serves. Never throws. */
  check(): Promise<void>;
}

/** The editions that serve; null where one is not installed. */
export type ServingPair = Readonly<Record<EditionKind, ServingEdition | null>>;

/** An edition in memory. */
export interface ServingEdition {
  readonly bytes: Uint8Array;
  readonly database: Mmdb;
}

/** What watching needs. */
export interface WatchOptions {
  readonly store: EditionStore;
  readonly editionIds: readonly string[];
  readonly log: Log;
  readonly clock: Clock;
  /** See `MaxmindSourceOptions`. */
  readonly maxKept?: number;
  /** Milliseconds between looks; 0 looks when told to. Default 10 s. */
  readonly checkEveryMs?: number;
  /** Told of every look-up. */
  readonly onLookup?: (outcome: ReturnType<MaxmindSource["lookUp"]>) => void;
  /** Runs when the watch is disposed. */
  readonly onClose?: () => Promise<void>;
}

const CHECK_EVERY_MS = 10_000;

/** A set that could not be opened is tried again after this long: reading it takes memory. */
const RETRY_AFTER_MS = MS_PER_MINUTE;

/**
 * Opens the editions that serve and watches for others. Each look-up is answered from one pair; the next one may be
 * answered from the pair after it. A set that can't be opened leaves the one before serving, and is told.
 */
export async function openWatchedMaxmind(options: WatchOptions): Promise<WatchedMaxmind> {
  const first = openAll(await readServingEditions(options.store, options.editionIds));
  tellMissing(first, options);
  if (first.fault !== null) options.log.error("An installed edition can't be used", { reason: first.fault });
  return new MaxmindWatch(options, first);
}

class MaxmindWatch implements WatchedMaxmind {
  readonly #options: WatchOptions;
  readonly #timer: ReturnType<typeof setInterval> | null = null;
  /** What serves as it should; null when the first editions could not all be opened. */
  #version: string | null;
  #serving: Serving;
  #fault: string | null = null;
  /** What could not be opened, and when; it is tried again after a while. */
  #failed: { readonly version: string; readonly atMs: number } | null = null;
  #checking: Promise<void> | null = null;

  constructor(options: WatchOptions, first: OpenedEditions) {
    this.#options = options;
    this.#serving = serve(first, options);
    this.#version = first.version;
    if (first.fault !== null) this.#fail(first.version, first.fault);
    const everyMs = options.checkEveryMs ?? CHECK_EVERY_MS;
    if (everyMs === 0) return;
    this.#timer = setInterval(() => void this.check(), everyMs);
    // Nobody waits for the next look when the work is done.
    this.#timer.unref();
  }

  get installed(): MaxmindSource["installed"] {
    return this.#serving.source.installed;
  }

  get fault(): string | null {
    return this.#fault;
  }

  get attributions(): readonly string[] {
    return this.#serving.attributions;
  }

  get sizes(): WatchedMaxmind["sizes"] {
    return this.#serving.sizes;
  }

  get editions(): ServingPair | null {
    return this.#serving.editions;
  }

  lookUp(...args: Parameters<MaxmindSource["lookUp"]>): ReturnType<MaxmindSource["lookUp"]> {
    const outcome = this.#serving.source.lookUp(...args);
    this.#options.onLookup?.(outcome);
    return outcome;
  }

  check(): Promise<void> {
    this.#checking ??= this.#look().finally(() => this.#checking = null);
    return this.#checking;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#checking;
    await this.#options.onClose?.();
  }

  async #look(): Promise<void> {
    const { store, editionIds, log } = this.#options;
    let version: string;
    try {
      version = await readServingVersion(store, editionIds);
    } catch (error) {
      log.debug("Whether other editions serve can't be told", { reason: String(error) });
      return;
    }
    if (version === this.#version) this.#fault = null;
    else if (!this.#failedLately(version)) await this.#takeOver(version);
  }

  #failedLately(version: string): boolean {
    const { clock } = this.#options;
    return this.#failed?.version === version && clock.elapsed() - this.#failed.atMs < RETRY_AFTER_MS;
  }

  async #takeOver(version: string): Promise<void> {
    const { store, editionIds, log } = this.#options;
    const next = openAll(await readServingEditions(store, editionIds));
    const fault = next.fault ?? (isNothing(next) ? "nothing is installed any more" : null);
    if (fault !== null) {
      if (fault !== this.#fault) {
        log.error("Editions can't be used, those before go on serving", { reason: fault });
      }
      this.#fail(version, fault);
      return;
    }
    this.#serving = serve(next, this.#options);
    this.#version = next.version;
    this.#fault = null;
    log.info("Another set of editions serves", { version: next.version });
  }

  #fail(version: string, fault: string): void {
    if (this.#version === version) this.#version = null;
    this.#failed = { version, atMs: this.#options.clock.elapsed() };
    this.#fault = fault;
  }
}

/** The source that answers, and what its licences ask for. */
interface Serving {
  readonly source: MaxmindSource;
  readonly attributions: readonly string[];
  readonly sizes: WatchedMaxmind["sizes"];
  readonly editions: ServingPair | null;
}

function serve({ city, asn, bytes }: OpenedEditions, { clock, maxKept }: WatchOptions): Serving {
  const source = createMaxmindSource({ city, asn, elapsed: () => clock.elapsed(), maxKept });
  const licences = [city, asn].map((edition) =>
    edition instanceof Mmdb ? findEditionLicence(edition.metadata.databaseType) : null
  );
  const attributions = licences.map((licence) => licence?.attribution).filter((text) => text !== undefined);
  return {
    source,
    attributions: [...new Set(attributions)],
    sizes: { city: sizeOf(city), asn: sizeOf(asn) },
    editions: pairOf({ city, asn, bytes }),
  };
}

function pairOf({ city, asn, bytes }: Pick<OpenedEditions, EditionKind | "bytes">): ServingPair | null {
  const editionOf = (database: OpenedEdition, inMemory: EditionBytes | null): ServingEdition | null =>
    database instanceof Mmdb && inMemory instanceof Uint8Array ? { bytes: inMemory, database } : null;
  const pair = { city: editionOf(city, bytes.city), asn: editionOf(asn, bytes.asn) };
  const isBroken = (city !== null && pair.city === null) || (asn !== null && pair.asn === null);
  return isBroken || (pair.city === null && pair.asn === null) ? null : pair;
}

function sizeOf(edition: OpenedEdition): number | null {
  return edition instanceof Mmdb ? edition.dataStart + edition.dataBytes : null;
}

/** An open database, why there is none, or null where none is installed. */
type OpenedEdition = Mmdb | { readonly failure: string } | null;

/** Editions, opened. */
interface OpenedEditions extends Readonly<Record<EditionKind, OpenedEdition>> {
  readonly version: string;
  readonly bytes: ServingEditions;
  /** The first failure; null when there is none. */
  readonly fault: string | null;
}

function openAll(editions: ServingEditions): OpenedEditions {
  const city = open("city", editions.city);
  const asn = open("asn", editions.asn);
  const failed = [city, asn].find((edition) => edition !== null && !(edition instanceof Mmdb));
  return {
    version: editions.version,
    bytes: editions,
    city,
    asn,
    fault: failed instanceof Mmdb ? null : failed?.failure ?? null,
  };
}

function isNothing({ city, asn }: OpenedEditions): boolean {
  return city === null && asn === null;
}

function open(kind: EditionKind, bytes: EditionBytes | null): OpenedEdition {
  if (bytes === null || !(bytes instanceof Uint8Array)) return bytes;
  try {
    const database = openMmdb(bytes);
    const { databaseType } = database.metadata;
    if (isEditionOfKind(kind, databaseType)) return database;
    return { failure: `Cannot use the ${kind} edition: its file holds "${databaseType}"` };
  } catch (error) {
    if (error instanceof EditionUnreadableError) return { failure: error.message };
    throw error;
  }
}

function tellMissing({ city, asn }: OpenedEditions, { store, log }: WatchOptions): void {
  if ((city === null) === (asn === null)) return;
  log.warn("One MaxMind edition is not installed", {
    missing: city === null ? "City" : "ASN",
    place: store.place,
  });
}
