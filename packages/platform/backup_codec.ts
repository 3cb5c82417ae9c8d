import type { BackupCodec, BackupPacking } from "@ipcascade/core";
import { packGzip, unpackGzip } from "./backup_gzip.ts";

/** Who may read what is packed, and whose keys are at hand for unpacking. */
export interface BackupKeys {
  /** Public keys of age (`age1…`); with none, nothing is encrypted. */
  readonly recipients: readonly string[];
  /** Secret keys of age (`AGE-SECRET-KEY-1…`). */
  readonly identities: readonly string[];
}

/** Packs by gzip and, where there are recipients, by age. Throws an `Error` when a key is none. */
export async function createBackupCodec(keys: BackupKeys): Promise<BackupCodec> {
  if (keys.recipients.length === 0 && keys.identities.length === 0) return PLAIN_CODEC;
  // Loaded when it is needed: its curves take as long as all the rest of a short command.
  const { createAgeCodec } = await import("./backup_age_codec.ts");
  return await createAgeCodec(keys, PLAIN_CODEC);
}

const PLAIN: BackupPacking = { encryption: null, suffix: ".gz", pack: packGzip, unpack: unpackGzip };

const PLAIN_CODEC: BackupCodec = {
  begin: async (recipients = []) => {
    if (recipients.length === 0) return PLAIN;
    const { beginEncrypted } = await import("./backup_age_codec.ts");
    return await beginEncrypted(recipients);
  },
  findUnpack: (encryption) => encryption === null ? unpackGzip : null,
};
