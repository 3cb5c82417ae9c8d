import type { BackupEncryption } from "./backup.ts";

/** Turns a stream of bytes into another one. Throws `BackupDamagedError` when unpacking what was not packed so. */
export type TransformBytes = (chunks: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** How the files of one new backup are packed: compressed, and encrypted where that is configured. */
export interface BackupPacking {
  readonly encryption: BackupEncryption | null;
  /** What the names of its files end in: `.gz` or `.gz.age`. */
  readonly suffix: string;
  readonly pack: TransformBytes;
  /**
   * Reads back what this packing packed, with a key of its own that is never written down: what is encrypted for
   * somebody else can be verified right after it was written.
   */
  readonly unpack: TransformBytes;
}

/** Packs and unpacks backups. */
export interface BackupCodec {
  /**
   * Prepares one new backup, for the recipients that are configured, else for those given. Throws when it can't be
   * encrypted for one of them.
   */
  begin(recipients?: readonly string[]): Promise<BackupPacking>;
  /** The way to read files of a backup; null when it is encrypted and no known identity is among those who can. */
  findUnpack(encryption: BackupEncryption | null): TransformBytes | null;
}
