/** Space on the disk that holds a directory, in bytes. */
export interface DiskSpace {
  readonly path: string;
  /** What this program may still use. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Looks how much space is left. Throws what the system says. */
export type ReadDiskSpace = () => Promise<DiskSpace>;
