import type { Log } from "@ipcascade/core";
import type { DirectoryLockOptions } from "./directory_lock.ts";
import { describeSystemError } from "./input_unreadable_error.ts";

/**
 * How the lock of the backups is asked for. `roomLog` is not null for work that makes room, which goes on without a lock
 * where there is none for it: then it is told there.
 */
export function lockBackups(action: string, roomLog: Log | null | undefined): DirectoryLockOptions {
  const asked = { action, claim: "holds the lock of the backups" };
  if (roomLog === null) return asked;
  return {
    ...asked,
    onNoRoom: (error) =>
      roomLog?.warn("The backups are worked on without a lock", { reason: describeSystemError(error) }),
  };
}
