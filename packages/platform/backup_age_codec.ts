import type { BackupCodec, BackupPacking, TransformBytes } from "@ipcascade/core";
import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";
import { decryptWith, encryptTo } from "./backup_age.ts";
import type { BackupKeys } from "./backup_codec.ts";
import { packGzip, unpackGzip } from "./backup_gzip.ts";

/** Encrypts what is packed where there are recipients; leaves the rest to `plain`. */
export async function createAgeCodec(
  { recipients, identities }: BackupKeys,
  plain: BackupCodec,
): Promise<BackupCodec> {
  const own = new Set(await Promise.all(identities.map((identity) => identityToRecipient(identity))));
  return {
    begin: (others) => recipients.length === 0 ? plain.begin(others) : beginEncrypted(recipients),
    findUnpack(encryption) {
      if (encryption === null) return plain.findUnpack(null);
      const fits = encryption.recipients.some((recipient) => own.has(recipient));
      return fits ? decryptAndUnpack(identities) : null;
    },
  };
}

/** Prepares a backup that is encrypted to recipients (`age1…`). Throws an `Error` when one of them is none. */
export async function beginEncrypted(recipients: readonly string[]): Promise<BackupPacking> {
  // A key of the older kind beside those that withstand quantum computers would undo what they are for.
  const isHybrid = recipients.every((recipient) => /^age1(pq|tagpq)1/.test(recipient));
  const identity = await (isHybrid ? generateHybridIdentity() : generateX25519Identity());
  const encrypt = encryptTo([...recipients, await identityToRecipient(identity)]);
  return {
    encryption: { method: "age", recipients },
    suffix: ".gz.age",
    pack: (chunks) => encrypt(packGzip(chunks)),
    unpack: decryptAndUnpack([identity]),
  };
}

function decryptAndUnpack(identities: readonly string[]): TransformBytes {
  const decrypt = decryptWith(identities);
  return (chunks) => unpackGzip(decrypt(chunks));
}
