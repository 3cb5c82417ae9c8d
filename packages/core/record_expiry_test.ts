import { assertEquals } from "@std/assert";
import { MS_PER_DAY, MS_PER_MINUTE } from "./clock.ts";
import type { SourceProvenance } from "./enrichment.ts";
import type { SourceName } from "./outcome.ts";
import type { IpRecord } from "./record.ts";
import { findRecordExpiry } from "./record_expiry.ts";

const NOW = Date.UTC(2026, 10, 24, 6);
const checked_at = "2026-11-24T05:00:00.000Z";
const CHECKED = Date.parse(checked_at);

function record(
  sources: Partial<Record<SourceName, Pick<SourceProvenance, "outcome" | "reason" | "until">>>,
  scope: IpRecord["scope"] = "global",
): IpRecord {
  const full = Object.entries(sources).map(([name, one]) => [name, { checked_at, duration_ms: 0, ...one }]);
  const enrichment = { address: { scope }, _meta: { version: 1, sources: Object.fromEntries(full) } };
  return { scope, enrichment } as unknown as IpRecord;
}

Deno.test("findRecordExpiry() tells when asking again can bring something else", () => {
  const hit = { outcome: "hit" } as const;
  const skipped = (reason: string, until?: string) => ({ outcome: "skipped" as const, reason, until });
  const cases: readonly [name: string, record: IpRecord, expected: number][] = [
    ["local", record({ cymru: skipped("circuit_open") }, "private"), Infinity],
    ["MaxMind alone", record({ maxmind: hit, cymru: skipped("not_needed") }), Infinity],
    ["GreyNoise", record({ maxmind: hit, greynoise: { outcome: "miss" } }), CHECKED + 7 * MS_PER_DAY],
    ["the first of two", record({ cymru: hit, greynoise: hit }), CHECKED + 7 * MS_PER_DAY],
    ["Cymru", record({ cymru: hit, greynoise: skipped("not_applicable") }), CHECKED + 90 * MS_PER_DAY],
    ["a failure", record({ cymru: { outcome: "failed", reason: "timeout" } }), CHECKED + 7.5 * MS_PER_MINUTE],
    [
      "a quota's end",
      record({ greynoise: skipped("quota_exhausted", "2026-11-25T00:00:00.000Z") }),
      Date.UTC(2026, 10, 25),
    ],
    ["a skip without end", record({ cymru: skipped("claimed") }), NOW],
  ];
  for (const [name, one, expected] of cases) assertEquals(findRecordExpiry(one, NOW), expected, name);
});
