import { type FileHandle, open } from "node:fs/promises";
import type { DiskSpace } from "@ipcascade/core";

type Write = (...args: unknown[]) => Promise<unknown>;

/** A disk that can be full: writing to a file that is open fails then, as the system has it. */
export class Disk {
  readonly #path: string;
  isFull = false;
  /** Writes that failed. */
  failed = 0;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Takes the place of the disk for every file that this process writes from now on, until it is disposed. */
  static async mount(path: string): Promise<Disk & AsyncDisposable> {
    const disk = new Disk(path);
    const prototype = await findPrototype(path);
    const write = prototype.write;
    prototype.write = function (this: FileHandle, ...args: unknown[]) {
      if (!disk.isFull) return write.apply(this, args);
      disk.failed++;
      const error = new Error("ENOSPC: no space left on device, write");
      return Promise.reject(Object.assign(error, { code: "ENOSPC", errno: -28, syscall: "write" }));
    };
    const unmount = () => {
      prototype.write = write;
      return Promise.resolve();
    };
    return Object.assign(disk, { [Symbol.asyncDispose]: unmount });
  }

  /** What health reads. */
  readonly readSpace = (): Promise<DiskSpace> =>
    Promise.resolve({ path: this.#path, totalBytes: 100e9, freeBytes: this.isFull ? 0 : 60e9 });
}

async function findPrototype(path: string): Promise<{ write: Write }> {
  const handle = await open(path, "r");
  try {
    return Object.getPrototypeOf(handle);
  } finally {
    await handle.close();
  }
}
