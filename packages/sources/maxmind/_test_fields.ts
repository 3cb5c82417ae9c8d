import type { MmdbField } from "./field.ts";
import { isMap, type MmdbPath, type MmdbValue } from "./mmdb_value.ts";

/** What paths lead to in a decoded record: what `MmdbFieldReader` reads without decoding it. */
export function fieldsOf(record: MmdbValue, paths: readonly MmdbPath[]): readonly MmdbField[] {
  return paths.map((path) =>
    path.reduce<MmdbField>(
      (value, key) => isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined,
      record,
    )
  );
}
