import { createHash } from "node:crypto";
import type { CreateHasher, Hasher } from "@ipcascade/core";

/** Computes checksums by OpenSSL, or what the runtime has in its place. */
export const createNodeHasher: CreateHasher = (algorithm): Hasher => {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest("hex") };
};
