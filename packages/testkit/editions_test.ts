import { assert, assertEquals, assertGreater, assertLess, assertNotEquals } from "@std/assert";
import { Buffer } from "node:buffer";
import { readdir, readFile } from "node:fs/promises";
import { Reader, type Response } from "maxmind";
import { damageRecord, RECORD_DAMAGES } from "./record_damage.ts";
import { damageEdition, EDITION_DAMAGES, plantRecord } from "./edition_damage.ts";
import { editionRecord } from "./edition_records.ts";
import {
  buildEdition,
  EDITION_IDS,
  writeAsnEdition,
  writeCityEdition,
  writeEditionPair,
} from "./editions.ts";
import { openTempDir } from "./temp_dir.ts";
import { WORLD } from "./world.ts";

function open(bytes: Uint8Array): Reader<Response> {
  return new Reader<Response>(Buffer.from(bytes));
}

for (const id of EDITION_IDS) {
  Deno.test(`buildEdition() holds the world's records of ${id}`, () => {
    const reader = open(buildEdition(id));
    assertEquals(reader.metadata.databaseType, id);
    assertEquals(reader.metadata.buildEpoch, new Date("2026-11-20T00:00:00Z"));
    for (const entry of WORLD) {
      const expected = editionRecord(id, entry);
      const found: unknown = reader.get(entry.address);
      assertEquals(found, expected === null ? null : JSON.parse(JSON.stringify(expected)), entry.address);
    }
  });
}

Deno.test("buildEdition() can change single addresses", () => {
  const bytes = buildEdition("GeoLite2-ASN", {
    change: (entry) => entry.address === "8.8.8.8" ? { ...entry, asn: { number: 64_500, org: "X" } } : null,
  });
  const found: unknown = open(bytes).get("8.8.8.8");
  assertEquals(found, { autonomous_system_number: 64_500, autonomous_system_organization: "X" });
  assertEquals(open(bytes).get("1.1.1.1"), null);
});

Deno.test("writeEditionPair() writes what was asked for", async () => {
  await using dir = await openTempDir();
  const pair = await writeEditionPair(dir.join("both"), { buildEpoch: 1_700_000_000 });
  assertEquals(open(await readFile(pair.city)).metadata.buildEpoch.getTime(), 1_700_000_000_000);
  assertEquals(open(await readFile(pair.asn)).metadata.databaseType, "GeoLite2-ASN");
  await writeCityEdition(dir.join("city"));
  await writeAsnEdition(dir.join("asn"));
  assertEquals(await readdir(dir.join("city")), ["GeoLite2-City.mmdb"]);
  assertEquals(await readdir(dir.join("asn")), ["GeoLite2-ASN.mmdb"]);
});

Deno.test("damageEdition() leaves no edition as it was, and the original untouched", () => {
  for (const id of EDITION_IDS) {
    for (const recordSize of [24, 28, 32] as const) {
      const whole = buildEdition(id, { recordSize });
      const copy = whole.slice();
      for (const damage of EDITION_DAMAGES) {
        assertNotEquals(damageEdition(whole, damage), whole, `${id} ${damage}`);
        assertEquals(whole, copy, damage);
      }
    }
  }
});

Deno.test("damageEdition() makes the data of one address unreadable when the damage is in the data", () => {
  const whole = buildEdition("GeoLite2-City");
  for (const damage of ["cyclic_pointer", "deep_nesting", "oversized_array"] as const) {
    const reader = open(damageEdition(whole, damage));
    assertEquals(reader.metadata.databaseType, "GeoLite2-City");
    assert(fails(() => reader.get("8.8.8.8")), damage);
    assertNotEquals<unknown>(reader.get("88.198.0.1"), undefined);
  }
  const text: unknown = open(damageEdition(whole, "bad_utf8")).get("8.8.8.8");
  assertEquals(text, { city: { en: "\ufffd(" } });
});

Deno.test("damageEdition() changes the size where bytes are cut", () => {
  const whole = buildEdition("GeoLite2-City");
  assertLess(damageEdition(whole, "cut_middle").length, whole.length);
  assertLess(damageEdition(whole, "truncated").length, whole.length);
  assertGreater(damageEdition(whole, "deep_nesting").length, whole.length);
  assertEquals(damageEdition(whole, "zeroed_head").length, whole.length);
});

Deno.test("plantRecord() has one network lead to the bytes it is given", () => {
  for (const recordSize of [24, 28, 32] as const) {
    const whole = buildEdition("GeoLite2-City", { recordSize });
    const reader = open(plantRecord(whole, () => Uint8Array.of(0xe1, 0x41, 0x61, 0xa1, 7)));
    assertEquals<unknown>(reader.get("8.8.8.8"), { a: 7 });
    assertEquals(reader.get("1.1.1.1"), open(whole).get("1.1.1.1"));
  }
});

Deno.test("damageRecord() leaves the rest of an edition as it was", () => {
  const whole = buildEdition("GeoLite2-City");
  for (const damage of RECORD_DAMAGES) {
    const reader = open(damageRecord(whole, damage));
    assertEquals(reader.get("88.198.0.1"), open(whole).get("88.198.0.1"), damage);
  }
});

function fails(fn: () => unknown): boolean {
  try {
    fn();
  } catch {
    return true;
  }
  return false;
}
