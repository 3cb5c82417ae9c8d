import type { DueRow } from "@ipcascade/core";

/** Rows among which one claim looks for free ones: several workers list the same rows. */
const WINDOW = 1_000;

/** Claims the first free rows of a choice. */
export type ClaimRows = (
  choice: { readonly addresses: readonly string[]; readonly limit: number },
) => Promise<readonly DueRow[]>;

/** Listed rows that are claimed from the first to the last, a few at a time. */
export class ListedRows {
  readonly #addresses: readonly string[];
  /** Rows before this one are claimed, or were not free. */
  #at = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(addresses: readonly string[]) {
    this.#addresses = addresses;
  }

  /** Claims up to `limit` of the next rows; null when none is left. */
  take(limit: number, claim: ClaimRows): Promise<readonly DueRow[] | null> {
    // One claim after the other: the next one begins where this one ends.
    const taken = this.#turn.then(() => this.#take(limit, claim));
    this.#turn = taken.catch(() => {});
    return taken;
  }

  async #take(limit: number, claim: ClaimRows): Promise<readonly DueRow[] | null> {
    while (this.#at < this.#addresses.length) {
      const addresses = this.#addresses.slice(this.#at, this.#at + Math.max(WINDOW, limit));
      const rows = await claim({ addresses, limit });
      const last = rows.at(-1)?.ipAddress;
      // Fewer than wanted: the others of the window are not free.
      this.#at += rows.length < limit || last === undefined ? addresses.length : addresses.indexOf(last) + 1;
      if (rows.length > 0) return rows;
    }
    return null;
  }
}
