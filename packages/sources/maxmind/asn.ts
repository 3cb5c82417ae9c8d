import { type MmdbField, readText } from "./field.ts";
import type { MmdbPath } from "./mmdb_value.ts";

/** What the product uses of an ASN record; each null where the record does not say. */
export interface AsnFacts {
  /** Number of the autonomous system. */
  readonly asn: number | null;
  /** Whom the number is registered to. */
  readonly asn_org: string | null;
}

/** The fields of an ASN record that `readAsn` takes, in its order. */
export const ASN_FIELDS: readonly MmdbPath[] = [
  ["autonomous_system_number"],
  ["autonomous_system_organization"],
];

/** The largest AS number (RFC 6793). */
const MAX_ASN = 4_294_967_295;

/** Makes facts of the `ASN_FIELDS` of a record, frozen; null when they say nothing. */
export function readAsn(fields: readonly MmdbField[]): AsnFacts | null {
  const asn = readAsnNumber(fields[0]);
  const org = readText(fields[1]);
  return asn === null && org === null ? null : Object.freeze({ asn, asn_org: org });
}

function readAsnNumber(value: MmdbField): number | null {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return null;
  return number >= 1 && number <= MAX_ASN ? number : null;
}
