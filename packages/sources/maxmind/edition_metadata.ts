import type { EditionFinding } from "@ipcascade/core";
import { createError } from "./edition_finding.ts";
import type { FoundMetadata } from "./mmdb_metadata.ts";
import { isMap, type MmdbMap, type MmdbValue } from "./mmdb_value.ts";

const MAX_UINT16 = 0xffff;

/**
 * Checks the rules of the format (specification 2.0, "Database Metadata") that a reader can do without. Unknown keys
 * are allowed.
 */
export function checkMetadata({ fields, markerAt }: FoundMetadata): readonly EditionFinding[] {
  return RULES
    .filter(({ holds }) => !holds(fields))
    .map(({ broken }) =>
      createError("unreadable", `Metadata breaks a rule: ${broken}`, { offset: markerAt })
    );
}

interface MetadataRule {
  readonly broken: string;
  readonly holds: (fields: MmdbMap) => boolean;
}

const RULES: readonly MetadataRule[] = [
  {
    broken: `binary_format_minor_version is not a number up to ${MAX_UINT16}`,
    holds: ({ binary_format_minor_version: minor }) => isUint16(minor),
  },
  {
    broken: "languages is not a list of texts",
    holds: ({ languages }) => languages === undefined || isTexts(languages),
  },
  {
    broken: "description is not a map of texts",
    holds: ({ description }) =>
      description === undefined || isMap(description) && isTexts(Object.values(description)),
  },
];

function isUint16(value: MmdbValue | undefined): boolean {
  return typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= MAX_UINT16;
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
