/** How the counters of `asn_inventory` compared to a recount. */
export interface AsnRecount {
  /** ASNs that `asn_inventory` or the inventory names. */
  readonly asns: number;
  /** Rows of the inventory that have an ASN. */
  readonly rows: number;
  /** ASNs whose counter was wrong. */
  readonly wrong: number;
  /** By how many rows the counters were wrong together. */
  readonly drift: number;
}

/** The counters of the ASNs. Methods throw `StoreError` when the database fails. */
export interface AsnCounters {
  /** Counts the inventory's rows by ASN and, unless told otherwise, puts the counters right, in one transaction. */
  recount(options: { readonly dryRun: boolean }): Promise<AsnRecount>;
}
