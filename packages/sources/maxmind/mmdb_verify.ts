import type { Mmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";

/** What a walk over a whole database has seen. */
export interface MmdbSurvey {
  /** Nodes of the tree. */
  readonly nodes: number;
  /** Data records that the tree leads to, each counted once. */
  readonly records: number;
}

/**
 * Walks the whole tree and checks every record that it leads to, without a pause. Throws `MmdbCorruptError` at the first damage.
 */
export function verifyMmdb(mmdb: Mmdb): MmdbSurvey {
  const isSeen = new Uint8Array(mmdb.dataBytes);
  const { nodeCount } = mmdb.metadata;
  let records = 0;
  for (let node = 0; node < nodeCount; node++) {
    for (const side of [0, 1] as const) {
      const record = mmdb.readRecord(node, side);
      if (record === 0) throw new MmdbCorruptError(`Cannot verify tree: node ${node} leads back to the root`);
      if (record <= nodeCount) continue;
      const offset = mmdb.toDataOffset(record);
      if (isSeen[offset] === 1) continue;
      isSeen[offset] = 1;
      records++;
      mmdb.check(offset);
    }
  }
  checkHeight(mmdb);
  return { nodes: nodeCount, records };
}

/** Makes sure that no path is longer than an address, which also rules out circles. */
function checkHeight(mmdb: Mmdb): void {
  const { nodeCount, ipVersion } = mmdb.metadata;
  const bits = ipVersion === 4 ? 32 : 128;
  const heights = new Uint8Array(nodeCount);
  // Aliases make several paths lead to one node, so heights are kept instead of walking it again.
  const measure = (node: number, depth: number): number => {
    if (node >= nodeCount) return 0;
    const known = heights[node]!;
    if (depth + Math.max(known, 1) > bits) {
      throw new MmdbCorruptError("Cannot verify tree: it is deeper than an address has bits");
    }
    if (known > 0) return known;
    const left = measure(mmdb.readRecord(node, 0), depth + 1);
    const right = measure(mmdb.readRecord(node, 1), depth + 1);
    return heights[node] = Math.max(left, right) + 1;
  };
  measure(0, 0);
}
