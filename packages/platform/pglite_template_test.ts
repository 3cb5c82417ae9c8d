import { PGlite } from "@electric-sql/pglite";
import { readdir, stat } from "node:fs/promises";
import { assertEquals, assertRejects } from "@std/assert";
import { openTempDir } from "../testkit/temp_dir.ts";
import manifest from "./package.json" with { type: "json" };
import { readPgliteTemplate, unpackPgliteTemplate } from "./pglite_template.ts";

Deno.test("readPgliteTemplate() is of the PGlite in use: see scripts/pack_pglite_template.ts", () => {
  assertEquals(readPgliteTemplate().version, manifest.dependencies["@electric-sql/pglite"]);
});

Deno.test("unpackPgliteTemplate() gives the database that PGlite would have made", async () => {
  await using dir = await openTempDir();
  const path = dir.join("postgres");
  unpackPgliteTemplate(path);
  const made = await describe(await PGlite.create());
  assertEquals(made.length, 5);
  assertEquals(await describe(await PGlite.create(path)), made);
});

Deno.test("unpackPgliteTemplate() makes files for their owner alone, and none over others", async () => {
  await using dir = await openTempDir();
  unpackPgliteTemplate(dir.join("postgres"));
  for (const name of await readdir(dir.join("postgres"), { recursive: true })) {
    const { mode } = await stat(dir.join("postgres", name));
    assertEquals(mode & 0o077, 0, name);
  }
  await assertRejects(async () => await unpackPgliteTemplate(dir.join("postgres")), Error, "EEXIST");
});

/** What is in a new database, without what differs from one to the next. */
async function describe(pglite: PGlite): Promise<readonly unknown[]> {
  const catalogs = [
    "select version(), catalog_version_no from pg_control_system()",
    "select md5(string_agg(name || setting, ',' order by name)) from pg_settings where source = 'configuration file'",
    "select md5(string_agg(datname || datcollate || encoding, ',' order by oid)) from pg_database",
    "select md5(string_agg(oid || proname || prosrc, ',' order by oid)) from pg_proc",
    "select md5(string_agg(oid || relname || relnatts, ',' order by oid)) from pg_class",
  ];
  try {
    const found: unknown[] = [];
    for (const catalog of catalogs) found.push((await pglite.query(catalog)).rows[0]);
    return found;
  } finally {
    await pglite.close();
  }
}
