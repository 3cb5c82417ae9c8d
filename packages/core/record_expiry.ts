import { ROW_BACKOFF } from "./backoff.ts";
import { MS_PER_DAY } from "./clock.ts";
import type { SourceProvenance } from "./enrichment.ts";
import { FRESH_DAYS } from "./freshness.ts";
import type { SkipReason, SourceName } from "./outcome.ts";
import type { IpRecord } from "./record.ts";

/** Skips that last as long as what they follow from. */
const LASTING: ReadonlySet<string> = new Set<SkipReason>([
  "not_needed",
  "not_applicable",
  "not_selected",
  "no_edition",
  "inactive",
]);

/**
 * Until when asking again would bring the same record, in milliseconds since 1970 UTC: when the first answer goes
 * stale, or when a source that did not answer may be asked again. Infinity for what nobody is asked about. MaxMind's
 * answers last as long as the installed editions do, which the record can't tell.
 */
export function findRecordExpiry({ scope, enrichment }: IpRecord, now: number): number {
  if (scope !== "global") return Infinity;
  let earliest = Infinity;
  for (const [source, provenance] of Object.entries(enrichment._meta.sources)) {
    earliest = Math.min(earliest, findExpiry(source as SourceName, provenance, now));
  }
  return earliest;
}

function findExpiry(source: SourceName, provenance: SourceProvenance, now: number): number {
  const checkedAt = Date.parse(provenance.checked_at);
  switch (provenance.outcome) {
    case "hit":
    case "miss":
      return source === "maxmind" ? Infinity : checkedAt + FRESH_DAYS[source] * MS_PER_DAY;
    case "failed":
      // No attempt is due before half of the first pause.
      return checkedAt + ROW_BACKOFF.baseMs / 2;
    case "skipped":
      if (provenance.until !== undefined) return Date.parse(provenance.until);
      return LASTING.has(provenance.reason ?? "") ? Infinity : now;
  }
}
