import { assert, assertEquals, assertGreater } from "@std/assert";
import { EditionUnreadableError, type IpAddress, parseAddress } from "@ipcascade/core";
import { buildEdition, FakeRandom, WORLD } from "@ipcascade/testkit";
import { openAsn, openCity, type OpenEdition } from "./edition.ts";
import { createMaxmindSource } from "./maxmind_source.ts";
import { openMmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { verifyMmdb } from "./mmdb_verify.ts";

const SEEDS = 150;
const CHECKED_AT = "2026-11-23T10:00:00.000Z";

const EDITIONS = (["GeoLite2-City", "GeoLite2-ASN"] as const).map((id) => ({
  id,
  byRecordSize: ([24, 28, 32] as const).map((recordSize) => buildEdition(id, { recordSize })),
}));

const ADDRESSES: readonly IpAddress[] = [
  ...WORLD.map(({ address }) => address),
  "0.0.0.0",
  "255.255.255.255",
  "::",
]
  .map((text) => parseAddress(text)!);

const DAMAGES: Readonly<Record<string, (bytes: Uint8Array, random: FakeRandom) => Uint8Array>> = {
  "flipped bits"(bytes, random) {
    const count = 1 + random.below(40);
    for (let i = 0; i < count; i++) bytes[random.below(bytes.length)]! ^= 1 << random.below(8);
    return bytes;
  },
  "random bytes near the end"(bytes, random) {
    const count = 1 + random.below(4);
    for (let i = 0; i < count; i++) bytes[bytes.length - 1 - random.below(300)] = random.below(256);
    return bytes;
  },
  "a run of random bytes"(bytes, random) {
    const start = random.below(bytes.length);
    const end = Math.min(bytes.length, start + 1 + random.below(2_000));
    for (let at = start; at < end; at++) bytes[at] = random.below(256);
    return bytes;
  },
  "a zeroed run"(bytes, random) {
    const start = random.below(bytes.length);
    return bytes.fill(0, start, start + random.below(4_096));
  },
  "a moved run"(bytes, random) {
    const start = random.below(bytes.length);
    bytes.copyWithin(random.below(bytes.length), start, start + random.below(4_096));
    return bytes;
  },
  "a cut end"(bytes, random) {
    return bytes.slice(0, random.below(bytes.length));
  },
  "a hole"(bytes, random) {
    const start = random.below(bytes.length);
    const rest = bytes.subarray(Math.min(bytes.length, start + 1 + random.below(1_000)));
    bytes.set(rest, start);
    return bytes.slice(0, start + rest.length);
  },
};

/** Opens and asks a damaged edition. Says how it went; anything but the typed errors is thrown on. */
function ask(open: () => OpenEdition<unknown>): "unreadable" | "corrupt" | "sound" {
  let outcome: "corrupt" | "sound" = "sound";
  try {
    const edition = open();
    for (const address of ADDRESSES) {
      try {
        edition.find(address);
      } catch (error) {
        if (!(error instanceof MmdbCorruptError)) throw error;
        outcome = "corrupt";
      }
    }
    return outcome;
  } catch (error) {
    if (error instanceof EditionUnreadableError) return "unreadable";
    throw error;
  }
}

function verify(bytes: Uint8Array): "unreadable" | "corrupt" | "sound" {
  try {
    verifyMmdb(openMmdb(bytes));
    return "sound";
  } catch (error) {
    if (error instanceof EditionUnreadableError) return "unreadable";
    if (error instanceof MmdbCorruptError) return "corrupt";
    throw error;
  }
}

for (const { id, byRecordSize } of EDITIONS) {
  for (const [label, damage] of Object.entries(DAMAGES)) {
    Deno.test(`A ${id} with ${label} brings typed errors and outcomes only`, () => {
      const seen = { unreadable: 0, corrupt: 0, sound: 0 };
      for (let seed = 1; seed <= SEEDS; seed++) {
        const bytes = damage(byRecordSize[seed % 3]!.slice(), new FakeRandom(seed));
        const verdict = verify(bytes);
        const found = ask(() => id === "GeoLite2-City" ? openCity(bytes) : openAsn(bytes));
        seen[found]++;
        // What look-ups stumble over, the walk over everything must not have missed.
        if (found === "corrupt") assertEquals(verdict, "corrupt", `seed ${seed}`);
      }
      assertGreater(seen.unreadable + seen.corrupt, 0, JSON.stringify(seen));
    });
  }
}

Deno.test("MaxmindSource.lookUp() never throws, whatever the bytes", () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    const random = new FakeRandom(seed);
    const [city, asn] = EDITIONS.map(({ byRecordSize }) =>
      DAMAGES["a run of random bytes"]!(byRecordSize[seed % 3]!.slice(), random)
    );
    let source;
    try {
      source = createMaxmindSource({ city: city!, asn: asn!, elapsed: () => 0 });
    } catch (error) {
      assert(error instanceof EditionUnreadableError, `seed ${seed}: ${error}`);
      continue;
    }
    for (const address of ADDRESSES) {
      const outcome = source.lookUp(address, CHECKED_AT);
      if (outcome.status === "failed") assertEquals(outcome.failure.reason, "corrupt");
      else assert(outcome.status === "hit" || outcome.status === "miss", `seed ${seed}`);
    }
  }
});
