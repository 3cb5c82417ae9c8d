import { assertEquals } from "@std/assert";
import { readChecksumFile } from "./checksum_file.ts";

const A = "a".repeat(64);
const B = "b".repeat(64);

for (
  const [label, text, expected] of [
    ["a bare checksum", A, A],
    ["one with a line end", `${A}\r\n`, A],
    ["one in capitals", A.toUpperCase(), A],
    ["one before a name", `${A}  E.mmdb\n`, A],
    ["one before the name of a binary file", `${A} *E.mmdb\n`, A],
    ["one before a dated name", `${A}  E_20261120.mmdb\n`, A],
    ["the one of several that names the file", `${A}  other\n\n${B}  ./E.mmdb\n`, B],
    ["none of several that name others", `${A}  other\n${B}  another\n`, null],
    ["none of several without names", `${A}\n${B}\n`, null],
    ["nothing", "", null],
    ["a page", "<!DOCTYPE html>", null],
    ["an MD5", "a".repeat(32), null],
    ["too many digits", `${A}a`, null],
  ] as const
) {
  Deno.test(`readChecksumFile() reads ${label}`, () =>
    assertEquals(readChecksumFile(text, "E.mmdb"), expected));
}
