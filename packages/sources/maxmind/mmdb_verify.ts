import type { Mmdb } from "./mmdb.ts";
import { MmdbCorruptError } from "./mmdb_corrupt_error.ts";
import { MmdbWalk } from "./mmdb_walk.ts";

/** What a walk over a whole database has seen. */
export interface MmdbSurvey {
  /** Nodes of the tree. */
  readonly nodes: number;
  /** Places in the tree that lead to a record; what aliases lead to is counted once. */
  readonly networks: number;
  /** Data records that the tree leads to, each counted once. */
  readonly records: number;
}

/**
 * Walks the whole tree and checks every record that it leads to, without a pause. Throws `MmdbCorruptError` at the
 * first damage. `createEditionVerifier` is for editions that are to be installed.
 */
export function verifyMmdb(mmdb: Mmdb): MmdbSurvey {
  const walk = new MmdbWalk(mmdb, {
    onDamage({ message, network }) {
      throw new MmdbCorruptError(`verify ${network ?? "database"}`, message);
    },
  });
  while (!walk.isDone) walk.advance(Infinity);
  return { nodes: mmdb.metadata.nodeCount, networks: walk.networks, records: walk.records };
}
