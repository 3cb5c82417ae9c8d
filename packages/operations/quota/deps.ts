import type { Clock, QuotaControl, QuotaLedger } from "@ipcascade/core";

/** What the operations on quotas work with. */
export interface QuotaDeps {
  readonly ledger: Pick<QuotaLedger, "read">;
  readonly control: QuotaControl;
  readonly clock: Clock;
}

/** The only source with a quota. */
export const QUOTA_SOURCE = "greynoise";
