import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import {
  type BackupPlace,
  BackupPlaceError,
  type BackupStaging,
  type Clock,
  isBackupId,
  type Log,
  MS_PER_DAY,
  type StoredFile,
} from "@ipcascade/core";
import {
  BACKUP_MANIFEST,
  BACKUP_MARK,
  checkBackupId,
  checkMemberFile,
  isMemberFile,
  MAX_MANIFEST_BYTES,
  MAX_MARK_BYTES,
} from "./backup_names.ts";
import { S3Client, type S3ClientOptions } from "./backup_s3_client.ts";
import { type S3Object, S3Objects } from "./backup_s3_objects.ts";
import { S3Staging } from "./backup_s3_staging.ts";
import { lockBackups } from "./backup_lock.ts";
import { formatS3Location } from "./settings_backup_values.ts";

/** How long what is not complete is left alone: another machine may be at work on it. */
const UNFINISHED_MS = MS_PER_DAY;

/** Where the bucket is, and what that needs. */
export interface BackupS3Options extends S3ClientOptions {
  /** Directory of the locks: S3 has none, so this machine's processes lock each other out. */
  readonly lockDir: string;
  readonly log?: Log;
}

/** Backups in a bucket: what begins with their id is of them, and the manifest makes them exist. */
export function createBackupS3(options: BackupS3Options): BackupPlace {
  return new BackupS3(options);
}

class BackupS3 implements BackupPlace {
  readonly place: string;
  readonly #lockPath: string;
  readonly #objects: S3Objects;
  readonly #clock: Clock;
  readonly #log: Log | undefined;
  readonly #inUse = new Set<string>();
  #isLocked = false;

  constructor(options: BackupS3Options) {
    this.place = formatS3Location(options.location);
    const name = createHash("sha256").update(`${options.endpoint ?? ""} ${this.place}`).digest("hex");
    this.#lockPath = join(resolve(options.lockDir), name.slice(0, 16));
    this.#clock = options.clock;
    this.#log = options.log;
    const { prefix } = options.location;
    this.#objects = new S3Objects(new S3Client(options), { prefix, clock: options.clock });
  }

  async lock(action: string, { isMakingRoom = false } = {}): Promise<AsyncDisposable> {
    return await lockBackups(this.#lockPath, {
      action,
      roomLog: isMakingRoom ? this.#log : null,
      // Two that work at once don't harm each other: each backup has its own name, and what is fresh is left alone.
      diskLog: this.#log,
      onChange: (isLocked) => this.#isLocked = isLocked,
    });
  }

  async listIds(): Promise<readonly string[]> {
    const ids = [...groupById(await this.#objects.list(""))]
      .filter(([id, objects]) => hasManifest(id, objects))
      .map(([id]) => id);
    return ids.sort().reverse();
  }

  async readManifest(id: string): Promise<string | null> {
    checkBackupId(id);
    const options = { maxBytes: MAX_MANIFEST_BYTES, member: "manifest" };
    return await this.#objects.findText(`${id}/${BACKUP_MANIFEST}`, options);
  }

  async listFiles(id: string): Promise<readonly StoredFile[]> {
    checkBackupId(id);
    const objects = await this.#objects.list(`${id}/`);
    if (!hasManifest(id, objects)) return [];
    return objects
      .map(({ key, size }) => ({ file: key.slice(id.length + 1), size }))
      .filter(({ file }) => isMemberFile(file))
      .sort((a, b) => a.file < b.file ? -1 : 1);
  }

  async *readFile(id: string, file: string): AsyncGenerator<Uint8Array> {
    checkBackupId(id);
    checkMemberFile(file);
    yield* this.#objects.read(`${id}/${file}`, file);
  }

  async stage(id: string): Promise<BackupStaging> {
    checkBackupId(id);
    this.#checkLock();
    if (await this.#exists(id)) {
      throw new BackupPlaceError(`Cannot begin the backup "${id}": there is such a one already`);
    }
    this.#inUse.add(id);
    return new S3Staging(id, {
      objects: this.#objects,
      log: this.#log,
      checkLock: () => this.#checkLock(),
      onEnd: () => void this.#inUse.delete(id),
    });
  }

  async readMark(id: string): Promise<string | null> {
    checkBackupId(id);
    const options = { maxBytes: MAX_MARK_BYTES, member: "mark" };
    return await this.#objects.findText(`${id}/${BACKUP_MARK}`, options);
  }

  async writeMark(id: string, text: string): Promise<void> {
    checkBackupId(id);
    await this.#need(id, "mark");
    await this.#objects.put(`${id}/${BACKUP_MARK}`, Buffer.from(text));
  }

  async rewrite(id: string, manifest: string, removed: readonly string[]): Promise<void> {
    checkBackupId(id);
    removed.forEach(checkMemberFile);
    this.#checkLock();
    await this.#need(id, "rewrite");
    await this.#objects.put(`${id}/${BACKUP_MANIFEST}`, Buffer.from(manifest));
    for (const file of removed) await this.#objects.remove(`${id}/${file}`);
  }

  async remove(id: string): Promise<void> {
    checkBackupId(id);
    this.#checkLock();
    await this.#objects.remove(`${id}/${BACKUP_MANIFEST}`);
    for (const { key } of await this.#objects.list(`${id}/`)) await this.#objects.remove(key);
  }

  async sweep(): Promise<number> {
    this.#checkLock();
    const limit = this.#clock.now() - UNFINISHED_MS;
    let removed = 0;
    for (const upload of await this.#objects.listUploads()) {
      const [id = ""] = upload.key.split("/", 1);
      if (!isBackupId(id) || this.#inUse.has(id) || upload.begunAtMs > limit) continue;
      await this.#objects.abortUpload(upload);
      removed++;
    }
    for (const [id, objects] of groupById(await this.#objects.list(""))) {
      if (hasManifest(id, objects) || this.#inUse.has(id)) continue;
      if (objects.some(({ changedAtMs }) => changedAtMs > limit)) continue;
      // Listings of some servers, such as Swift, may lag behind.
      if (await this.#exists(id)) continue;
      for (const { key } of objects) await this.#objects.remove(key);
      removed++;
    }
    return removed;
  }

  async #exists(id: string): Promise<boolean> {
    return await this.#objects.exists(`${id}/${BACKUP_MANIFEST}`);
  }

  async #need(id: string, action: string): Promise<void> {
    if (await this.#exists(id)) return;
    throw new BackupPlaceError(`Cannot ${action} backup "${id}": there is none in "${this.place}"`);
  }

  #checkLock(): void {
    if (!this.#isLocked) throw new TypeError(`Cannot change the backups in "${this.place}": no lock is held`);
  }
}

function groupById(objects: readonly S3Object[]): ReadonlyMap<string, readonly S3Object[]> {
  const groups = new Map<string, S3Object[]>();
  for (const object of objects) {
    const [id = ""] = object.key.split("/", 1);
    // The rest of the bucket is somebody else's.
    if (!isBackupId(id) || object.key === id) continue;
    groups.set(id, [...groups.get(id) ?? [], object]);
  }
  return groups;
}

function hasManifest(id: string, objects: readonly S3Object[]): boolean {
  return objects.some(({ key }) => key === `${id}/${BACKUP_MANIFEST}`);
}
