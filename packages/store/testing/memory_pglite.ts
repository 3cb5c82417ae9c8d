import { PGlite } from "@electric-sql/pglite";
import { openPgliteTemplate } from "../../platform/pglite_template.ts";
import { writeTar } from "../../testkit/tar_writer.ts";
import { createPgliteClient } from "../pglite_client.ts";
import type { SqlClient } from "../sql_client.ts";

/**
 * A PGlite in memory, without tables. It starts from the product's template: PGlite alone takes several seconds of
 * both processors to make a database.
 */
export async function openMemoryPglite(): Promise<SqlClient> {
  return createPgliteClient(await PGlite.create("memory://", { loadDataDir: packTemplate() }));
}

/** The template as PGlite's own dumps are packed. */
function packTemplate(): Blob {
  const { template, contents } = openPgliteTemplate();
  const directories = template.directories.map((path) => ({ name: `${path}/`, type: "directory" as const }));
  const files = template.files.map(({ path, size, start, length }) => {
    const content = new Uint8Array(size);
    content.set(contents.subarray(start, start + length));
    return { name: path, content };
  });
  return new Blob([writeTar([...directories, ...files]) as BlobPart]);
}
