/**
 * Makes the template of the embedded database anew, after PGlite's version has changed:
 * `deno run -A scripts/pack_pglite_template.ts`
 *
 * @module
 */
import { PGlite } from "@electric-sql/pglite";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync, constants } from "node:zlib";
import {
  type PgliteTemplate,
  TEMPLATE_FILE,
  type TemplateFile,
} from "../packages/platform/pglite_template.ts";
import platform from "../packages/platform/package.json" with { type: "json" };

/** Lets PGlite make a database. Gives the name of the last segment of its log, the only one that it needs. */
async function makeDatabase(path: string): Promise<string> {
  const pglite = await PGlite.create(path);
  try {
    // The log of the making itself is not needed.
    await pglite.query("select pg_switch_wal()");
    await pglite.query("checkpoint");
    const { rows } = await pglite.query<{ name: string }>(
      "select pg_walfile_name(pg_current_wal_lsn()) as name",
    );
    return rows[0]!.name;
  } finally {
    await pglite.close();
  }
}

async function pack(
  path: string,
  segment: string,
): Promise<{ template: PgliteTemplate; contents: Buffer[] }> {
  const directories: string[] = [];
  const files: TemplateFile[] = [];
  const contents: Buffer[] = [];
  const starts = new Map<string, number>();
  let end = 0;
  for (const name of (await readdir(path, { recursive: true })).sort()) {
    const { size, isDirectory } = describe(join(path, name));
    if (isDirectory) {
      directories.push(name);
      continue;
    }
    if (/^pg_wal\/[0-9A-F]{24}$/.test(name) && name !== `pg_wal/${segment}`) continue;
    const bytes = withoutZeros(readFileSync(join(path, name)));
    const key = bytes.toString("latin1");
    const start = starts.get(key) ?? end;
    files.push({ path: name, size, start, length: bytes.length });
    if (starts.has(key)) continue;
    starts.set(key, start);
    contents.push(bytes);
    end += bytes.length;
  }
  const version = platform.dependencies["@electric-sql/pglite"];
  return { template: { version, directories, files }, contents };
}

function describe(path: string): { size: number; isDirectory: boolean } {
  const found = statSync(path);
  return { size: found.size, isDirectory: found.isDirectory() };
}

function withoutZeros(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return bytes.subarray(0, end);
}

function compress(bytes: Buffer): Buffer {
  return brotliCompressSync(bytes, {
    params: { [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
  });
}

const path = await mkdtemp(join(tmpdir(), "pglite-template-"));
try {
  const { template, contents } = await pack(path, await makeDatabase(path));
  const packed = compress(Buffer.concat([Buffer.from(`${JSON.stringify(template)}\n`), ...contents]));
  writeFileSync(TEMPLATE_FILE, packed);
  console.log(`PGlite ${template.version}: ${template.files.length} files in ${packed.length} bytes`);
} finally {
  await rm(path, { recursive: true, force: true });
}
