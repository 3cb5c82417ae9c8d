/** How much an edition may be. */
export interface UnpackLimits {
  /** Of the file as delivered; 512 MiB by default. Real ones have 30 to 70. */
  readonly maxPackedBytes: number;
  /** Of the database, or the archive that holds it; 1 GiB by default. Real ones have up to 130 MB. */
  readonly maxUnpackedBytes: number;
  /** Unpacked bytes for each packed one; 200 by default. Real ones have 2 to 5, gzip can do 1 032. */
  readonly maxRatio: number;
  /** Members of an archive; 64 by default. Real ones have 4. */
  readonly maxMembers: number;
}

const MIB = 1_048_576;

/** Limits unless said otherwise. */
export const UNPACK_LIMITS: UnpackLimits = {
  maxPackedBytes: 512 * MIB,
  maxUnpackedBytes: 1_024 * MIB,
  maxRatio: 200,
  maxMembers: 64,
};

/** Unpacked bytes up to which the ratio does not count: small files may well be of zeros. */
export const RATIO_GRACE_BYTES = 4 * MIB;
