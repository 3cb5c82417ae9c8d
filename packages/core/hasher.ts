/** Computes a checksum piece by piece. */
export interface Hasher {
  update(chunk: Uint8Array): void;
  /** The checksum in lower-case hexadecimal; ends the computation. */
  digest(): string;
}

/** Begins a checksum. MD5 is what MaxMind's metadata tells; it proves nothing against an attacker. */
export type CreateHasher = (algorithm: "md5" | "sha256") => Hasher;
