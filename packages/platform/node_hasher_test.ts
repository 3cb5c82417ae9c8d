import { assertEquals } from "@std/assert";
import { createNodeHasher } from "./node_hasher.ts";

for (
  const [algorithm, expected] of [
    ["md5", "900150983cd24fb0d6963f7d28e17f72"],
    ["sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ] as const
) {
  Deno.test(`createNodeHasher() computes ${algorithm} piece by piece`, () => {
    const hasher = createNodeHasher(algorithm);
    for (const text of ["a", "", "bc"]) hasher.update(new TextEncoder().encode(text));
    assertEquals(hasher.digest(), expected);
  });
}
