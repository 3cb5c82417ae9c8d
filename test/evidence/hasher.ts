import type { CreateHasher } from "@ipcascade/core";
import { createHash } from "node:crypto";

/** The hashes of the runtime. */
export const createNodeHasher: CreateHasher = (algorithm) => {
  const hash = createHash(algorithm);
  return { update: (chunk) => void hash.update(chunk), digest: () => hash.digest("hex") };
};
