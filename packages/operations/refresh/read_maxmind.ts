import {
  formatInstant,
  type LookupOutcome,
  type MaxmindAnswer,
  type MaxmindSource,
  parseAddress,
  type Random,
  type SourceUpdate,
  updateFrom,
} from "@ipcascade/core";
import type { DueRow } from "@ipcascade/core";

/** What MaxMind says about one row. */
export interface MaxmindReading {
  readonly update: SourceUpdate;
  readonly outcome: LookupOutcome<MaxmindAnswer>;
}

/** Looks rows up in the installed editions. */
export function readMaxmind(
  rows: readonly DueRow[],
  deps: { readonly maxmind: MaxmindSource; readonly random: Random; readonly now: number },
): MaxmindReading[] {
  const { maxmind, random, now } = deps;
  const checkedAt = formatInstant(now);
  return rows.flatMap(({ ipAddress, failures }) => {
    const address = parseAddress(ipAddress);
    if (address === null) return [];
    const outcome = maxmind.lookUp(address, checkedAt);
    const update = updateFrom(ipAddress, failures, outcome, { now, random, onMiss: null });
    return [{ update, outcome }];
  });
}
