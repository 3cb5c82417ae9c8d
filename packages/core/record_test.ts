import { assertEquals } from "@std/assert";
import type { InventoryRow } from "./inventory.ts";
import { emptyRow } from "./merge.ts";
import { isFailedRecord, recordFromRow } from "./record.ts";

Deno.test("recordFromRow() writes the documented fields in the documented order", () => {
  const row: InventoryRow = {
    ...emptyRow("192.0.2.1", "global"),
    geoCountry: "DE",
    geoCity: "Leipzig",
    geoLatitude: 51.3,
    geoLongitude: 12.4,
    asnNumber: 64_500,
    asnOrg: "Example",
    asnSource: "cymru",
    isScanner: true,
    enrichmentAt: Date.UTC(2026, 10, 23, 12, 0, 0, 5),
    scannerAt: Date.UTC(2026, 10, 22),
  };
  const record = recordFromRow(row, { input: " 192.0.2.1 ", fromInventory: true });
  assertEquals(Object.entries(record), [
    ["input", " 192.0.2.1 "],
    ["ip_address", "192.0.2.1"],
    ["scope", "global"],
    ["geo_country", "DE"],
    ["geo_city", "Leipzig"],
    ["geo_latitude", 51.3],
    ["geo_longitude", 12.4],
    ["asn_number", 64_500],
    ["asn_org", "Example"],
    ["asn_source", "cymru"],
    ["is_scanner", true],
    ["enrichment_ts", "2026-11-23T12:00:00.005Z"],
    ["scanner_ts", "2026-11-22T00:00:00.000Z"],
    ["enrichment", { address: { scope: "global" }, _meta: { version: 1, sources: {} } }],
    ["from_inventory", true],
  ]);
});

Deno.test("recordFromRow() has nulls, not gaps, for an address nobody was asked about", () => {
  const record = recordFromRow(emptyRow("10.0.0.1", "private"), { input: "10.0.0.1", fromInventory: true });
  assertEquals(JSON.parse(JSON.stringify(record)), record);
  assertEquals([record.scope, record.geo_country, record.enrichment_ts, record.is_scanner], [
    "private",
    null,
    null,
    false,
  ]);
});

Deno.test("isFailedRecord() tells an error from an answer", () => {
  const options = { input: "x", fromInventory: true };
  assertEquals(isFailedRecord(recordFromRow(emptyRow("192.0.2.1", "global"), options)), false);
  assertEquals(isFailedRecord({ input: "x", error: { code: "INVALID_ADDRESS", message: "no" } }), true);
});
