import { readFields, readText, shapeOf } from "./field.ts";
import type { MmdbShape, MmdbValue } from "./mmdb_value.ts";

/** What the product uses of an ASN record; each null where the record does not say. */
export interface AsnFacts {
  /** Number of the autonomous system. */
  readonly asn: number | null;
  /** Whom the number is registered to. */
  readonly asn_org: string | null;
}

/** The part of an ASN record that `readAsn` looks at. */
export const ASN_SHAPE: MmdbShape = shapeOf({
  autonomous_system_number: true,
  autonomous_system_organization: true,
});

/** The largest AS number (RFC 6793). */
const MAX_ASN = 4_294_967_295;

/** Takes the facts out of a decoded ASN record, frozen; null when it has none. */
export function readAsn(record: MmdbValue): AsnFacts | null {
  const fields = readFields(record);
  const asn = readAsnNumber(fields.autonomous_system_number);
  const org = readText(fields.autonomous_system_organization);
  return asn === null && org === null ? null : Object.freeze({ asn, asn_org: org });
}

function readAsnNumber(value: MmdbValue | undefined): number | null {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isInteger(number)) return null;
  return number >= 1 && number <= MAX_ASN ? number : null;
}
