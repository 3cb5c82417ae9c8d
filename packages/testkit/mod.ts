/**
 * Doubles and fixtures for tests: database, archive and log writers, the synthetic world that the lab and the
 * editions share, clocks, randomness, folders and servers. The lab has its own entry.
 *
 * @module
 */
export { DENO_RUN } from "./deno_run.ts";
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
export {
  bestOrigin,
  describeAddress,
  findAutonomousSystem,
  listWorld,
  LOCAL_ADDRESSES,
  truthOf,
  WORLD,
  type WorldAddress,
  type WorldAsn,
  type WorldCity,
  type WorldNoise,
  type WorldOrigin,
  type WorldTruth,
} from "./world.ts";
export type { CarrierCoverage } from "./world_carriers.ts";
export type { WorldPlace } from "./world_places.ts";
export { asnRecord, cityRecord, editionRecord } from "./edition_records.ts";
export {
  buildEdition,
  EDITION_BUILD_EPOCH,
  EDITION_IDS,
  type EditionOptions,
  type EditionPair,
  type TestEditionId,
  writeAsnEdition,
  writeCityEdition,
  writeEditionPair,
  writeRealSizePair,
} from "./editions.ts";
export { type ContractCase, runContract, type StepRunner } from "./contract.ts";
export type { EditionPlace } from "./edition_place.ts";
export {
  describeSet,
  filesOfSet,
  fillBytes,
  installSet,
  TEST_SET_FILES,
  type TestEditionSet,
} from "./edition_sets.ts";
export { EDITION_STORE_CONTRACT } from "./edition_store_contract.ts";
export {
  type S3Fault,
  S3Server,
  type S3ServerObject,
  type S3ServerOptions,
  type S3ServerRequest,
  type S3ServerUpload,
} from "./s3_server.ts";
export { checkS3Signature, type S3Keys } from "./s3_signature.ts";
export { BACKUP_PLACE_CONTRACT, type BackupPlaceSubject, putBackup } from "./backup_place_contract.ts";
export { damageEdition, EDITION_DAMAGES, type EditionDamage, plantRecord } from "./edition_damage.ts";
export { damageRecord, RECORD_DAMAGES, type RecordDamage } from "./record_damage.ts";
export { FakeRandom } from "./fake_random.ts";
export { openTempDir, type TempDir } from "./temp_dir.ts";
export { FakeClock, type Instant } from "./fake_clock.ts";
export { MemoryRateLedger } from "./memory_rate_ledger.ts";
export { openPostgresServer, type PostgresServer, type PostgresServerOptions } from "./postgres_server.ts";
export {
  concatBytes,
  type EditionArchive,
  TAR_HOSTILITIES,
  type TarEntry,
  type TarHostility,
  writeEditionTar,
  writeTar,
} from "./tar_writer.ts";
export {
  COWRIE_ADDRESSES,
  COWRIE_LOG_TOTALS,
  COWRIE_LOG_URL,
  type CowrieLogOptions,
  type CowrieTotals,
  writeCowrieLog,
} from "./cowrie_log.ts";
