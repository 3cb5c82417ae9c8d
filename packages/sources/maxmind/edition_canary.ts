import {
  type EditionCanary,
  type EditionExpectations,
  type EditionFinding,
  type EditionKind,
  findEditionKind,
  type IpAddress,
  parseAddress,
  quoteInput,
} from "@ipcascade/core";
import { openAsn, openCity } from "./edition.ts";
import { createFinding } from "./edition_finding.ts";
import type { Mmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";

/** One question, what it must bring, and how to ask it. */
interface Question {
  readonly address: IpAddress;
  readonly expected: string | null;
  readonly ask: (address: IpAddress) => string | null;
}

/**
 * Asks a database what it must know: a City edition for countries, an ASN edition for AS numbers, others nothing.
 * Throws a `TypeError` for a canary whose address is none.
 */
export function checkCanaries(mmdb: Mmdb, expectations: EditionExpectations): EditionFinding[] {
  const { canaries = [], canaryIs = "error" } = expectations;
  const kind = findEditionKind(mmdb.metadata.databaseType);
  if (kind === null) return [];
  const ask = createAsk(mmdb, kind);
  return canaries
    .map((canary) => findFailure({ address: readAddress(canary), expected: expectedOf(canary, kind), ask }))
    .filter((finding) => finding !== null)
    .map(({ message, network }) => createFinding(canaryIs, { code: "canary", message }, { network }));
}

function findFailure(question: Question): { message: string; network: string } | null {
  const { address, expected } = question;
  if (expected === null) return null;
  const found = findAnswer(question);
  if (found === expected) return null;
  const network = `${address.text}/${address.family === 4 ? 32 : 128}`;
  return { message: `Look-up of ${address.text} brings ${found}, expected ${expected}`, network };
}

function findAnswer({ address, ask }: Question): string {
  try {
    return ask(address) ?? "nothing";
  } catch (error) {
    if (error instanceof MmdbCorruptError) return `an error (${error.message})`;
    throw error;
  }
}

function createAsk(mmdb: Mmdb, kind: EditionKind): Question["ask"] {
  if (kind === "city") {
    const city = openCity(mmdb, 1);
    return (address) => city.find(address)?.country_code ?? null;
  }
  const edition = openAsn(mmdb, 1);
  return (address) => {
    const asn = edition.find(address)?.asn ?? null;
    return asn === null ? null : `AS${asn}`;
  };
}

function expectedOf(canary: EditionCanary, kind: EditionKind): string | null {
  if (kind === "city") return canary.country;
  return canary.asn === null ? null : `AS${canary.asn}`;
}

function readAddress({ address }: EditionCanary): IpAddress {
  const parsed = parseAddress(address);
  if (parsed === null) {
    throw new TypeError(`Cannot verify edition: canary ${quoteInput(address)} is no address`);
  }
  return parsed;
}
