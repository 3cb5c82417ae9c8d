import type { EditionExpectations, EditionKind } from "@ipcascade/core";

/** What a database must be by the name of its file: `dbip-city-lite.mmdb` is asked for as `GeoLite2-City`. */
export function expectEdition(file: string, kind: EditionKind): NonNullable<EditionExpectations["edition"]> {
  return { id: file.replace(/\.mmdb$/, ""), kind };
}
