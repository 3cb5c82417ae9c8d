import { type EditionVerdict, parseAddress } from "@ipcascade/core";
import { createEditionVerifier, MmdbCorruptError, openCity, type OpenEdition } from "@ipcascade/sources";
import {
  buildEdition,
  damageEdition,
  damageRecord,
  EDITION_BUILD_EPOCH,
  EDITION_DAMAGES,
  FakeRandom,
  MMDB_METADATA_MARKER,
  RECORD_DAMAGES,
  WORLD,
} from "@ipcascade/testkit";
import { createHash } from "node:crypto";
import { Claims, type Evidence } from "./figures.ts";
import { createNodeHasher } from "./hasher.ts";

/** Longest time that one damaged edition may take. */
const MAX_MS = 2_000;
const ADDRESSES = WORLD.map(({ address }) => parseAddress(address)!);

/**
 * Changes single bytes of a City edition at random, and damages it in every way that the test kit knows: nothing
 * crashes or hangs, every kind of damage is refused, and with a checksum every changed byte is.
 */
export async function proveCorruption(options: { readonly changes: number }): Promise<Evidence> {
  const { changes } = options;
  const claims = new Claims();
  const edition = buildEdition("GeoLite2-City");
  const answers = JSON.stringify(ask(openCity(edition)));
  const sha256 = createHash("sha256").update(edition).digest("hex");
  const random = new FakeRandom(20_261_120);
  const counts = new Map<string, number>();
  let byChecksum = 0;
  let slowestMs = 0;
  const verify = async (bytes: Uint8Array, label: string, checksum: string | null) => {
    const verdict = await verifyBytes(bytes, checksum);
    slowestMs = Math.max(slowestMs, verdict.duration_ms);
    claims.check(verdict.duration_ms < MAX_MS, `${label} took ${Math.round(verdict.duration_ms)} ms`);
    return verdict;
  };
  for (let change = 0; change < changes; change++) {
    const at = random.below(edition.length);
    const bytes = edition.slice();
    bytes[at] = (bytes[at]! + 1 + random.below(255)) & 255;
    const label = `the change at ${at} to ${bytes[at]}`;
    const { verdict } = await verify(bytes, label, null);
    if ((await verify(bytes, label, sha256)).verdict === "refused") byChecksum++;
    const found = tryToAsk(bytes);
    claims.check(found.error === null, `a look-up after ${label} failed with ${found.error}`);
    claims.check(
      verdict === "refused" || !found.isDamaged,
      `${label} passed, and a look-up stumbles over it`,
    );
    const part = partOf(edition, at);
    const effect = verdict === "refused"
      ? "Refused"
      : found.answers === answers
      ? "PassedSameAnswers"
      : "PassedOtherAnswers";
    counts.set(`${part}${effect}`, (counts.get(`${part}${effect}`) ?? 0) + 1);
  }
  claims.check(byChecksum === changes, `the checksum caught ${byChecksum} of ${changes} changes`);
  const kinds = [
    ...EDITION_DAMAGES.map((damage) => [damage, damageEdition(edition, damage)] as const),
    ...RECORD_DAMAGES.map((damage) => [damage, damageRecord(edition, damage)] as const),
  ];
  let kindsRefused = 0;
  for (const [damage, bytes] of kinds) {
    const { verdict } = await verify(bytes, damage, null);
    claims.check(verdict === "refused", `${damage} passed`);
    if (verdict === "refused") kindsRefused++;
  }
  const sumOf = (effect: string) =>
    [...counts].reduce((sum, [key, count]) => key.endsWith(effect) ? sum + count : sum, 0);
  return {
    conditions:
      `${changes} single bytes of a City edition of ${edition.length} bytes changed at random, and ${
        kinds.map(([damage]) => damage).join(", ")
      }`,
    figures: {
      refusedByStructure: `${sumOf("Refused")} of ${changes}`,
      refusedWithChecksum: `${byChecksum} of ${changes}`,
      ...Object.fromEntries([...counts].sort()),
      damageKindsRefused: `${kindsRefused} of ${kinds.length}`,
      slowestMs: Math.ceil(slowestMs),
    },
    broken: claims.broken,
  };
}

function verifyBytes(bytes: Uint8Array, sha256: string | null): Promise<EditionVerdict> {
  const verify = createEditionVerifier({
    clock: { elapsed: () => performance.now() },
    createHasher: createNodeHasher,
    pause: () => Promise.resolve(),
  });
  return verify(bytes, {
    now: EDITION_BUILD_EPOCH * 1_000,
    edition: { id: "GeoLite2-City", kind: "city" },
    sha256,
    canaries: [{ address: "8.8.8.8", asn: 15_169, country: "US" }],
  });
}

/** The part of the file that an offset lies in. */
function partOf(edition: Uint8Array, at: number): "tree" | "data" | "metadata" {
  const text = new TextDecoder("latin1").decode(edition);
  const marker = text.lastIndexOf(String.fromCharCode(...MMDB_METADATA_MARKER));
  if (at >= marker) return "metadata";
  return at < text.lastIndexOf("\0".repeat(16), marker) ? "tree" : "data";
}

interface Asked {
  readonly answers: string;
  /** Whether damage was met, as the typed error says. */
  readonly isDamaged: boolean;
  /** Anything else that was thrown. */
  readonly error: unknown;
}

function tryToAsk(bytes: Uint8Array): Asked {
  try {
    const answers = ask(openCity(bytes));
    return { answers: JSON.stringify(answers), isDamaged: answers.includes("damaged"), error: null };
  } catch (error) {
    const isTyped = error instanceof Error && error.name === "EditionUnreadableError";
    return { answers: "", isDamaged: true, error: isTyped ? null : error };
  }
}

function ask(edition: OpenEdition<unknown>): unknown[] {
  return ADDRESSES.map((address) => {
    try {
      return edition.find(address);
    } catch (error) {
      if (error instanceof MmdbCorruptError) return "damaged";
      throw error;
    }
  });
}
