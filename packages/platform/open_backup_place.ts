import { join } from "node:path";
import {
  type BackupCodec,
  type BackupPlace,
  type Clock,
  type Log,
  type TransformBytes,
  UsageError,
} from "@ipcascade/core";
import { createBackupCodec } from "./backup_codec.ts";
import { createBackupDirectory } from "./backup_directory.ts";
import { createNodeClock } from "./node_clock.ts";
import { parseS3Location } from "./settings_backup_values.ts";
import type { Settings } from "./settings.ts";

/** Opens the place where backups are kept. Nothing is read or made yet. */
export async function openBackupPlace(
  settings: Settings,
  log: Log,
  clock: Clock = createNodeClock(),
): Promise<BackupPlace> {
  const location = parseS3Location(settings.backupDir);
  if (location === null) return createBackupDirectory({ dir: settings.backupDir, clock, log });
  const { createBackupS3 } = await import("./backup_s3.ts");
  return createBackupS3({
    location,
    endpoint: settings.s3Endpoint,
    region: settings.awsRegion,
    // Reading the settings refuses a bucket without both.
    accessKeyId: settings.awsAccessKeyId ?? "",
    secretAccessKey: settings.awsSecretAccessKey ?? "",
    sessionToken: settings.awsSessionToken,
    lockDir: join(settings.dataDir, "backup-locks"),
    clock,
    log,
    random: Math.random,
    fetch: (url, init) => globalThis.fetch(url, init),
  });
}

/**
 * How backups are packed. Throws `UsageError` when a key of age is none. Where the file of the identities can't be
 * read, reading what is encrypted does so too; nothing else.
 */
export async function openBackupCodec(
  { backupAgeRecipients: recipients, backupAgeIdentities: identities, unreadable }: Settings,
): Promise<BackupCodec> {
  try {
    const codec = await createBackupCodec({ recipients, identities });
    const problem = unreadable.get("BACKUP_AGE_IDENTITY");
    return problem === undefined ? codec : lackIdentity(codec, problem);
  } catch {
    // What the library throws may quote a secret key.
    throw new UsageError("Cannot use BACKUP_AGE_IDENTITY: one of its keys is none");
  }
}

/** Another identity may have read it: what is encrypted for nobody known fails where it is read. */
function lackIdentity(codec: BackupCodec, problem: string): BackupCodec {
  const refuse: TransformBytes = () => ({
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new UsageError(problem)) }),
  });
  return { ...codec, findUnpack: (encryption) => codec.findUnpack(encryption) ?? refuse };
}
