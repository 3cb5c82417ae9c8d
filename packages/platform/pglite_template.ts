import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { brotliDecompressSync } from "node:zlib";

/** What a new embedded database consists of. Paths are relative to its directory; lists are in the order of making. */
export interface PgliteTemplate {
  /** The version of PGlite that made it. */
  readonly version: string;
  readonly directories: readonly string[];
  readonly files: readonly TemplateFile[];
}

/** A file of the template. What it has beyond its bytes is zeros. */
export interface TemplateFile {
  readonly path: string;
  /** Bytes of the file. */
  readonly size: number;
  /** Where its bytes begin in the contents, which files of the same bytes share. */
  readonly start: number;
  /** Bytes to take from there. */
  readonly length: number;
}

/**
 * The packed template: a line of JSON, which is a `PgliteTemplate`, and the contents of its files, all compressed by
 * Brotli. `scripts/pack_pglite_template.ts` writes it.
 */
export const TEMPLATE_FILE = new URL("./pglite_template.br", import.meta.url);

/** Reads the packed template, without its contents. */
export function readPgliteTemplate(): PgliteTemplate {
  return openPgliteTemplate().template;
}

/**
 * Fills a directory with a new, empty database; see docs/adr/0009-template-of-the-embedded-database.md. Blocks for a
 * tenth of a second.
 */
export function unpackPgliteTemplate(path: string): void {
  const { template, contents } = openPgliteTemplate();
  mkdirSync(path, { recursive: true, mode: 0o700 });
  for (const directory of template.directories) mkdirSync(join(path, directory), { mode: 0o700 });
  for (const file of template.files) {
    writeFile(join(path, file.path), contents.subarray(file.start, file.start + file.length), file.size);
  }
}

/** Reads the packed template with its contents, the bytes of all files one after the other. */
export function openPgliteTemplate(): { template: PgliteTemplate; contents: Uint8Array } {
  const bytes = brotliDecompressSync(readFileSync(TEMPLATE_FILE));
  const end = bytes.indexOf("\n");
  return { template: JSON.parse(bytes.toString("utf8", 0, end)), contents: bytes.subarray(end + 1) };
}

function writeFile(path: string, bytes: Uint8Array, size: number): void {
  const file = openSync(path, "wx", 0o600);
  try {
    for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
    if (size > bytes.length) ftruncateSync(file, size);
  } finally {
    closeSync(file);
  }
}
