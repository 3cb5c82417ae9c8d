import type { SkipReason } from "./outcome.ts";
import type { InstalledEditions } from "./source.ts";
import type { SourceUpdate } from "./source_update.ts";
import type { RemoteSource, WorkClaims, WorkHolder } from "./work_claims.ts";

/** Which rows of the inventory a run may touch; null and false don't restrict. */
export interface RowFilter {
  /** Addresses and CIDR blocks in canonical text. */
  readonly networks: readonly string[] | null;
  /** ISO 3166 alpha-2. */
  readonly country: string | null;
  readonly asn: number | null;
  /** Only rows with activity since this instant, in milliseconds since 1970 UTC. */
  readonly activeSince: number | null;
  /** Only rows without an ASN. */
  readonly missingAsn: boolean;
}

/** Every row. */
export const ALL_ROWS: RowFilter = {
  networks: null,
  country: null,
  asn: null,
  activeSince: null,
  missingAsn: false,
};

/** Which rows are due: never asked, past their time, or failed and their pause is over. */
export interface DueQuery {
  /** Milliseconds since 1970 UTC. */
  readonly now: number;
  readonly filter: RowFilter;
  /** Takes fresh rows and those whose pause is not over, too. */
  readonly force: boolean;
}

/** Where a listing goes on; only the store reads it. */
export type Cursor = string;

/** Addresses of due rows, in order, and where the next page begins; null when this was the last one. */
export interface DuePage {
  readonly addresses: readonly string[];
  readonly next: Cursor | null;
}

/** A due row as its source is asked about it. */
export interface DueRow {
  /** Canonical text. */
  readonly ipAddress: string;
  /** Failures of the source in a row. */
  readonly failures: number;
  /** False when MaxMind never answered for it. */
  readonly knownToMaxmind: boolean;
}

/** A page of rows to mark as left alone. */
export interface SkipMark {
  readonly reason: SkipReason;
  /** When they may be asked again, where that is known. */
  readonly until: number | null;
}

/** What a page of MaxMind's rows brought. */
export interface MaxmindPage {
  readonly read: number;
  readonly next: Cursor | null;
}

/**
 * The inventory as refreshing uses it: rows by when they are due, and claims by which any number of processes take
 * disjoint ones. Every method throws `StoreError` when the database fails.
 */
export interface RefreshStore extends WorkClaims {
  /**
   * Due rows that nobody works on: those of Cymru in address order, those of GreyNoise busiest first, that is by
   * `observation_count`, then `last_seen_at`.
   */
  listDue(
    source: RemoteSource,
    query: DueQuery,
    page: { readonly after: Cursor | null; readonly limit: number },
  ): Promise<DuePage>;
  /** Due rows, those that others work on included. */
  countDue(source: RemoteSource, query: DueQuery): Promise<number>;
  /** Due rows that other workers hold. */
  countHeld(source: RemoteSource, query: DueQuery, holder: WorkHolder): Promise<number>;
  /** Takes the first rows of those given that are still due and free, at most `limit`, in the order given. */
  claim(
    holder: WorkHolder,
    source: RemoteSource,
    query: DueQuery,
    choice: { readonly addresses: readonly string[]; readonly limit: number },
  ): Promise<readonly DueRow[]>;
  /** Writes what one source said, touching its columns alone, and gives the rows back, in one transaction. */
  saveUpdates(holder: WorkHolder, source: RemoteSource, updates: readonly SourceUpdate[]): Promise<void>;
  /** Notes in due rows that nobody works on why the source was not asked; stamps stay. Null ends the pages. */
  markSkipped(
    source: RemoteSource,
    query: DueQuery,
    mark: SkipMark,
    page: { readonly after: Cursor | null; readonly limit: number },
  ): Promise<{ readonly marked: number; readonly next: Cursor | null }>;
  /** Rows that were read from other editions than those installed. */
  countOutdated(installed: InstalledEditions, query: DueQuery): Promise<number>;
  /**
   * Takes up to `limit` rows that were read from other editions, lets `read` look them up and writes what it gives,
   * all in one transaction: rows that others have at hand are left to them. `read` may be called again.
   */
  readOutdated(
    installed: InstalledEditions,
    query: DueQuery,
    page: { readonly after: Cursor | null; readonly limit: number },
    read: (rows: readonly DueRow[]) => readonly SourceUpdate[],
  ): Promise<MaxmindPage>;
  /** Writes what MaxMind said about rows that are claimed for another source. */
  saveMaxmind(installed: InstalledEditions, updates: readonly SourceUpdate[]): Promise<void>;
}
