/**
 * Doubles and fixtures for tests: database, archive and log writers, the synthetic world that the lab and the
 * editions share, clocks, randomness, folders and servers. The lab has its own entry.
 *
 * @module
 */
export {
  expandAddress,
  formatAddress,
  formatNetwork,
  maskAddress,
  type Network,
  parseAddress,
  parseNetwork,
  readAddress,
} from "./address.ts";
export {
  MMDB_METADATA_MARKER,
  type MmdbLayout,
  MmdbNumber,
  type MmdbNumberType,
  type MmdbRecordId,
  type MmdbValue,
  MmdbWriter,
  type MmdbWriterOptions,
} from "./mmdb_writer.ts";
