import { EDITION_KINDS, type EditionRequest, findEditionKind } from "@ipcascade/core";

/** The editions to keep, City before ASN, and the ids that the product has no use for. */
export interface EditionRequests {
  readonly requests: readonly EditionRequest[];
  readonly unused: readonly string[];
}

/** Reads configured edition ids: of each kind the first one counts. */
export function readEditionRequests(editionIds: readonly string[]): EditionRequests {
  const requests = EDITION_KINDS.flatMap((kind) => {
    const edition_id = editionIds.find((id) => findEditionKind(id) === kind);
    return edition_id === undefined ? [] : [{ edition_id, kind }];
  });
  const used = new Set(requests.map(({ edition_id }) => edition_id));
  return { requests, unused: editionIds.filter((id) => !used.has(id)) };
}
