import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "@std/assert";
import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import { TAR_HOSTILITIES, writeEditionTar, writeTar } from "./tar_writer.ts";
import { openTempDir } from "./temp_dir.ts";

const run = promisify(execFile);
const ARCHIVE = { edition: "GeoLite2-ASN", date: "20261120", database: new Uint8Array(1000).fill(7) };

async function list(bytes: Uint8Array): Promise<string> {
  await using dir = await openTempDir();
  const path = dir.join("a.tar");
  await writeFile(path, bytes);
  const { stdout } = await run("tar", ["-tvPf", path]);
  return stdout;
}

Deno.test("writeTar() writes what tar unpacks", async () => {
  await using dir = await openTempDir();
  const path = dir.join("a.tar");
  const content = Uint8Array.from({ length: 1500 }, (_, index) => index % 251);
  await writeFile(path, writeTar([{ name: "folder/a.bin", content }, { name: "b.txt", content: "hällo" }]));
  await run("tar", ["-xf", path, "-C", dir.path]);
  assertEquals(new Uint8Array(await readFile(dir.join("folder", "a.bin"))), content);
  assertEquals(await readFile(dir.join("b.txt"), "utf8"), "hällo");
});

Deno.test("writeEditionTar() lays files out as MaxMind does", async () => {
  const lines = (await list(writeEditionTar(ARCHIVE))).trim().split("\n");
  assertEquals(lines.map((line) => line.split(/\s+/).at(-1)), [
    "GeoLite2-ASN_20261120/",
    "GeoLite2-ASN_20261120/COPYRIGHT.txt",
    "GeoLite2-ASN_20261120/GeoLite2-ASN.mmdb",
    "GeoLite2-ASN_20261120/LICENSE.txt",
  ]);
  assertStringIncludes(lines[2]!, " 1000 ");
});

Deno.test("writeEditionTar() can be hostile in each way", async () => {
  const good = writeEditionTar(ARCHIVE);
  for (const hostility of TAR_HOSTILITIES) {
    assertNotEquals(writeEditionTar(ARCHIVE, hostility), good, hostility);
  }
  assertStringIncludes(await list(writeEditionTar(ARCHIVE, "traversal")), "../../../GeoLite2-ASN.mmdb");
  assertStringIncludes(await list(writeEditionTar(ARCHIVE, "absolute")), " /tmp/GeoLite2-ASN.mmdb");
  assertStringIncludes(await list(writeEditionTar(ARCHIVE, "symlink")), "-> /etc/passwd");
  assertStringIncludes(await list(writeEditionTar(ARCHIVE, "wrong_edition")), "GeoLite2-City.mmdb");
  assert(!(await list(writeEditionTar(ARCHIVE, "none"))).includes(".mmdb"));
  assertEquals((await list(writeEditionTar(ARCHIVE, "several"))).match(/\.mmdb/g)?.length, 2);
});
