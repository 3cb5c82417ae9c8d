import type { IpAddress } from "@ipcascade/core";

/** Lines that are looked up side by side, and timed together. */
export const BATCH_LINES = 512;

/** In place of a scope: the line is not looked up as it stands. */
export const AS_TEXT = -1;

/** The addresses of the lines of a batch, in columns of `BATCH_LINES` places. */
export interface AddressColumns {
  /** Lines in the columns. */
  readonly count: number;
  /** Place of the scope in `SCOPES`, or `AS_TEXT`. */
  readonly scopes: Int8Array;
  /** The 32 bits of an IPv4 address. */
  readonly bits: Uint32Array;
  /** The address where it is not IPv4 in its canonical text; null else. */
  readonly addresses: readonly (IpAddress | null)[];
}
