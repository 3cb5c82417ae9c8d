/** Base of every error that a caller may have to decide on. `code` is API; the wording of messages is not. */
export abstract class EnrichmentError extends Error {
  /** Stable upper-case identifier, such as `INVALID_ADDRESS`. */
  abstract readonly code: string;
  override get name(): string {
    return this.constructor.name;
  }
}

/** Thrown when a setting, a flag or an option can't be understood (exit status 2). */
export class UsageError extends EnrichmentError {
  override readonly code = "BAD_USAGE";
}

/** Thrown when somebody else holds a lock that the work needs (exit status 5). */
export class LockHeldError extends EnrichmentError {
  override readonly code = "LOCK_HELD";
}

/** Thrown when the inventory can't be reached, read or written. */
export class StoreError extends EnrichmentError {
  override readonly code = "STORE_FAILED";
  /** True when the database was too busy for the work, which says nothing about the work itself. */
  readonly isBusy: boolean = false;
  /** True when the database refused the rows themselves, such as a value that a column can't hold. */
  readonly refusesRows: boolean = false;
}

/** Thrown when a file is not a readable MaxMind database, or is of another edition than its name says. */
export class EditionUnreadableError extends EnrichmentError {
  override readonly code = "EDITION_UNREADABLE";
}
