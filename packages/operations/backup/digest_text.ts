import type { CreateHasher, DigestText } from "@ipcascade/core";

/** The digest of manifests. */
export function digestWith(createHasher: CreateHasher): DigestText {
  return (text) => {
    const hasher = createHasher("sha256");
    hasher.update(new TextEncoder().encode(text));
    return hasher.digest();
  };
}
