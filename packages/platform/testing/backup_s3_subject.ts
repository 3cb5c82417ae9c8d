import process from "node:process";
import { isBackupId } from "@ipcascade/core";
import type { BackupPlaceSubject } from "../../testkit/backup_place_contract.ts";
import { type BackupS3Options, createBackupS3 } from "../backup_s3.ts";
import { S3Client } from "../backup_s3_client.ts";
import { S3Objects } from "../backup_s3_objects.ts";

/** A bucket for the contract. */
export function createBackupS3Subject(
  options: BackupS3Options,
  abandon: (id: string) => Promise<void>,
): BackupPlaceSubject {
  const { location: { prefix }, clock } = options;
  const objects = new S3Objects(new S3Client(options), { prefix, clock });
  return {
    open: () => createBackupS3(options),
    owner: `this process (${process.pid}) holds the lock of the backups`,
    abandon,
    listLeftovers: async () => {
      const keys = (await objects.list("")).map(({ key }) => key);
      const complete = new Set(keys.filter((key) => key.endsWith("/manifest.json")).map(idOf));
      const uploads = (await objects.listUploads()).map(({ key }) => key);
      return [...keys.filter((key) => !isBackupId(idOf(key)) || !complete.has(idOf(key))), ...uploads];
    },
  };
}

function idOf(key: string): string {
  return key.split("/", 1)[0]!;
}
