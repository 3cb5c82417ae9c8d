/** Memory of one process, in bytes. */
export interface MemoryUse {
  /** What the system counts as resident. */
  readonly residentBytes: number;
  /** JavaScript objects in use. */
  readonly heapUsedBytes: number;
  /** What the engine holds for them. */
  readonly heapTotalBytes: number;
  /** Outside the heap, held by JavaScript objects: the editions' bytes are among them. */
  readonly externalBytes: number;
}

/** Tells what this process holds. */
export interface MemoryProbe {
  read(): MemoryUse;
}

/** Bytes in a megabyte, as `ps` and the runbook count: 1 048 576. */
export const BYTES_PER_MB = 1_048_576;
