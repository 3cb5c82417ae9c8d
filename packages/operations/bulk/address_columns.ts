import {
  classifyScope,
  createIpv4ScopeTable,
  type IpAddress,
  ipv4FromBits,
  MIXED_SCOPES,
  SCOPES,
} from "@ipcascade/core";

/** Lines that are looked up side by side, and timed together. */
export const BATCH_LINES = 512;

/** In place of a scope: the line is not looked up as it stands. */
export const AS_TEXT = -1;

/** The addresses of the lines of a batch, in columns of `BATCH_LINES` places. */
export class AddressColumns {
  /** Lines in the columns. */
  count = 0;
  /** Place of the scope in `SCOPES`, or `AS_TEXT`. */
  readonly scopes = new Int8Array(BATCH_LINES);
  /** The 32 bits of an IPv4 address. */
  readonly bits = new Uint32Array(BATCH_LINES);
  /** The address where it is not IPv4 in its canonical text; null else. */
  readonly addresses: (IpAddress | null)[] = new Array<null>(BATCH_LINES).fill(null);
  readonly #scopeTable = createIpv4ScopeTable();

  /** Puts an IPv4 address in its canonical text into a place. */
  protected setIpv4(i: number, bits: number): void {
    this.addresses[i] = null;
    this.#setBits(i, bits);
  }

  /** Puts any other address into a place. */
  protected setAddress(i: number, address: IpAddress): void {
    this.addresses[i] = address;
    if (address.family === 4) this.#setBits(i, address.bits);
    else this.scopes[i] = SCOPES.indexOf(classifyScope(address));
  }

  /** Says that a line is not looked up as it stands. */
  protected setText(i: number): void {
    this.addresses[i] = null;
    this.scopes[i] = AS_TEXT;
  }

  #setBits(i: number, bits: number): void {
    const scope = this.#scopeTable[bits >>> 16]!;
    this.bits[i] = bits;
    this.scopes[i] = scope === MIXED_SCOPES ? SCOPES.indexOf(classifyScope(ipv4FromBits(bits))) : scope;
  }
}
