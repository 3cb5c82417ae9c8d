import type { Enrichment } from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { listEvents } from "./timeline.ts";

const AT = "2026-11-24T06:00:00.000Z";
const EARLIER = "2026-11-10T06:00:00.000Z";

const FULL: Enrichment = {
  maxmind: {
    country_code: "US",
    country_name: null,
    city: null,
    latitude: 37.75,
    longitude: -97.8,
    accuracy_radius: null,
    asn: null,
    asn_org: null,
    database_build: "2026-11-20T00:00:00.000Z",
    checked_at: AT,
  },
  cymru: {
    asn: 15169,
    asns: [15169, 36040],
    asn_org: "GOOGLE",
    country_code: "US",
    registry: "arin",
    prefix: "8.8.8.0/24",
    allocated: "2023-12-28",
    checked_at: AT,
  },
  greynoise: {
    noise: false,
    riot: true,
    classification: "benign",
    name: "Google Public DNS",
    last_seen: "2026-11-21",
    checked_at: EARLIER,
  },
  address: { scope: "global" },
  _meta: {
    version: 1,
    sources: {
      maxmind: { outcome: "hit", checked_at: AT, duration_ms: 0.123 },
      cymru: { outcome: "hit", checked_at: AT, duration_ms: 31 },
      greynoise: { outcome: "failed", reason: "timeout", checked_at: AT, duration_ms: 5_000 },
    },
  },
};

Deno.test("listEvents() goes from the allocation to the last question, and keeps an older answer", () => {
  assertEquals(listEvents({ enrichment: FULL }).map(({ at, title }) => `${at.slice(0, 10)} ${title}`), [
    "2023-12-28 The block was allocated by ARIN",
    "2026-11-10 GreyNoise answered",
    "2026-11-20 The edition that answered was built",
    "2026-11-21 GreyNoise saw it last",
    "2026-11-24 MaxMind answered",
    "2026-11-24 Team Cymru answered",
    "2026-11-24 GreyNoise failed",
  ]);
});

Deno.test("listEvents() tells facts by their names, and none that are not known", () => {
  const [maxmind, cymru, greynoise] = listEvents({ enrichment: FULL }).slice(-3).map(({ facts }) => facts);
  assertEquals(maxmind, [
    ["Country", "United States (US)"],
    ["Place", "37.75, -97.8"],
    ["Took", "0.12 ms"],
  ]);
  assertEquals(cymru!.slice(0, 2), [["Network", "AS15169 GOOGLE"], ["All origins", "AS15169, AS36040"]]);
  assertEquals(greynoise, [["Reason", "timeout"], ["Took", "5000 ms"]]);
});

Deno.test("listEvents() says why a source was not asked, and until when", () => {
  const skipped = (reason: string, until?: string) => ({
    outcome: "skipped" as const,
    reason,
    checked_at: AT,
    duration_ms: 0,
    until,
  });
  const enrichment: Enrichment = {
    address: { scope: "global" },
    _meta: {
      version: 1,
      sources: { cymru: skipped("not_needed"), greynoise: skipped("quota_exhausted", AT) },
    },
  };
  assertEquals(listEvents({ enrichment }).map(({ title, facts }) => [title, facts]), [
    ["Team Cymru was not needed", []],
    ["GreyNoise was not asked", [["Reason", "quota exhausted"], ["Until", "2026-11-24 06:00 UTC"]]],
  ]);
});
