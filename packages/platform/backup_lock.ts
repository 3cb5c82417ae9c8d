import type { Log } from "@ipcascade/core";
import { withBackupPath } from "./backup_files.ts";
import { type DirectoryLockOptions, openDirectoryLock } from "./directory_lock.ts";
import { describeSystemError } from "./input_unreadable_error.ts";

/** What the lock of the backups is taken for. */
export interface BackupLockOptions {
  readonly action: string;
  /** Not null for work that makes room, which goes on without a lock where there is none for it: then it is told there. */
  readonly roomLog: Log | null | undefined;
  /** Given: work goes on without a lock where there is no disk for it, and is told there. */
  readonly diskLog?: Log;
  /** Told when the lock is had, and when it is given back. */
  readonly onChange: (isLocked: boolean) => void;
}

/** Takes the lock of the backups in a directory of that path. Disposing it more than once does no harm. */
export async function lockBackups(path: string, options: BackupLockOptions): Promise<AsyncDisposable> {
  const lock = await withBackupPath("write", path, () => openDirectoryLock(path, ask(options)));
  options.onChange(true);
  let isReleased = false;
  return {
    [Symbol.asyncDispose]: async () => {
      if (isReleased) return;
      isReleased = true;
      options.onChange(false);
      await lock.release();
    },
  };
}

function ask({ action, roomLog, diskLog }: BackupLockOptions): DirectoryLockOptions {
  const tellIn = (log: Log | undefined) => (error: unknown) =>
    log?.warn("The backups are worked on without a lock", { reason: describeSystemError(error) });
  return {
    action,
    claim: "holds the lock of the backups",
    onNoRoom: roomLog === null ? undefined : tellIn(roomLog),
    onNoDisk: diskLog === undefined ? undefined : tellIn(diskLog),
  };
}
