/** The sources that are asked over the network. */
export type RemoteSource = "cymru" | "greynoise";

/** Somebody who works on rows; its rows go back to the others when it is disposed, or is gone for half a minute. */
export interface WorkHolder extends AsyncDisposable {
  readonly id: string;
  /** Tells people who it is. */
  readonly owner: string;
}

/**
 * Who has which address at hand at which source, for all processes together. Every method throws `StoreError` when the
 * database fails.
 */
export interface WorkClaims {
  /** Announces a worker; those who are gone lose their rows. */
  openHolder(owner: string): Promise<WorkHolder>;
  /** Takes those of the addresses that nobody else has; the inventory need not know them. */
  take(
    holder: WorkHolder,
    source: RemoteSource,
    addresses: readonly string[],
  ): Promise<ReadonlySet<string>>;
  /** Gives addresses back. */
  release(holder: WorkHolder, source: RemoteSource, addresses: readonly string[]): Promise<void>;
}
