import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { assert, assertEquals } from "@std/assert";
import { createFileEditionStore } from "./edition_file_store.ts";
import { createNodeClock } from "./node_clock.ts";
import { type EditionBytes, readServingEditions, type ServingEditions } from "./serving_editions.ts";

const USUAL = ["GeoLite2-City", "GeoLite2-ASN"];

/** Writes files that hold their own name, and runs work in their directory. */
async function inDirWith(names: readonly string[], work: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "ipcascade-editions-"));
  try {
    for (const name of names) await writeFile(join(dir, name), name);
    await work(dir);
  } finally {
    await rm(dir, { recursive: true });
  }
}

function shown(edition: EditionBytes | null): string | null {
  if (edition === null) return null;
  return "failure" in edition ? `! ${edition.failure}` : new TextDecoder().decode(edition);
}

function serve(dir: string, ids: readonly string[] = USUAL): Promise<ServingEditions> {
  return readServingEditions(createFileEditionStore({ dir, clock: createNodeClock() }), ids);
}

async function read(dir: string, ids: readonly string[] = USUAL): Promise<readonly (string | null)[]> {
  const { city, asn } = await serve(dir, ids);
  return [shown(city), shown(asn)];
}

Deno.test("readServingEditions() picks one edition of each kind", async () => {
  const usual = USUAL.map((id) => `${id}.mmdb`);
  const cases: readonly [string, readonly string[], readonly string[], readonly (string | null)[]][] = [
    ["nothing", [], USUAL, [null, null]],
    ["the usual", [...usual, "README.txt"], USUAL, usual],
    ["one of two", ["GeoLite2-ASN.mmdb"], USUAL, [null, "GeoLite2-ASN.mmdb"]],
    ["an id before the usual", [...usual, "GeoIP2-City.mmdb", "GeoIP2-ISP.mmdb"], [
      "GeoIP2-ISP",
      "GeoIP2-City",
    ], [
      "GeoIP2-City.mmdb",
      "GeoIP2-ISP.mmdb",
    ]],
    ["ids that are not there", usual, ["GeoIP2-City"], usual],
    ["editions nobody asked for", ["GeoIP2-City.mmdb", "Other.mmdb", "GeoLite2-City.mmdb.backup"], USUAL, [
      null,
      null,
    ]],
    [
      "DB-IP's newest",
      [
        "dbip-city-lite-2026-09.mmdb",
        "dbip-city-lite-2026-11.mmdb",
        "dbip-asn-lite.mmdb",
        "dbip-asn-lite-2025-12.mmdb",
      ],
      USUAL,
      ["dbip-city-lite-2026-11.mmdb", "dbip-asn-lite-2025-12.mmdb"],
    ],
    ["GeoLite2 before DB-IP", [...usual, "dbip-city-lite-2026-11.mmdb"], [], usual],
  ];
  for (const [label, names, ids, expected] of cases) {
    await inDirWith(names, async (dir) => assertEquals(await read(dir, ids), expected, label));
  }
});

Deno.test("readServingEditions() reads bytes that are an array of their own", async () => {
  await inDirWith(["GeoLite2-City.mmdb"], async (dir) => {
    const { city } = await serve(dir);
    assert(city instanceof Uint8Array);
    assertEquals(Object.getPrototypeOf(city), Uint8Array.prototype);
  });
});

Deno.test("readServingEditions() finds nothing in a directory that is not there", async () => {
  assertEquals(await read("/nowhere/at/all"), [null, null]);
});

Deno.test("readServingEditions() tells what is there and can't be read", async () => {
  await inDirWith(["GeoLite2-ASN.mmdb"], async (dir) => {
    await mkdir(join(dir, "GeoLite2-City.mmdb"));
    await mkdir(join(dir, "sub"));
    await writeFile(join(dir, "sub", "GeoLite2-City.mmdb"), "not looked into");
    assertEquals(await read(dir), [
      `! Cannot read "${dir}/GeoLite2-City.mmdb": it is a directory`,
      "GeoLite2-ASN.mmdb",
    ]);
  });
  await inDirWith([], async (dir) => {
    await symlink(join(dir, "gone"), join(dir, "GeoLite2-City.mmdb"));
    assertEquals(await read(dir), [`! Cannot read "${dir}/GeoLite2-City.mmdb": there is no such file`, null]);
  });
});

Deno.test("readServingEditions() follows a link to a file", async () => {
  await inDirWith(["City-20261120.mmdb"], async (dir) => {
    await symlink(join(dir, "City-20261120.mmdb"), join(dir, "GeoLite2-City.mmdb"));
    assertEquals(await read(dir), ["City-20261120.mmdb", null]);
  });
});

// The superuser may read everything.
Deno.test({
  name: "readServingEditions() tells a lack of permission",
  ignore: process.getuid?.() === 0,
  fn: () =>
    inDirWith(["GeoLite2-City.mmdb"], async (dir) => {
      await chmod(join(dir, "GeoLite2-City.mmdb"), 0);
      assertEquals(await read(dir), [`! Cannot read "${dir}/GeoLite2-City.mmdb": permission denied`, null]);
    }),
});
