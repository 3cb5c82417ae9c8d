const BLOCK = 512;

/** One member of an archive. Names are written as they are, dangerous ones too. */
export interface TarEntry {
  /** Path in the archive; up to 100 bytes. */
  readonly name: string;
  /** Content; text is written as UTF-8. Default empty. */
  readonly content?: Uint8Array | string;
  /** Default `file`. */
  readonly type?: "file" | "directory" | "symlink";
  /** Where a symbolic link leads. */
  readonly target?: string;
  /** Size in the header, where it must not be the true one. */
  readonly claimedSize?: number;
  /** Default 2026-11-20. */
  readonly modifiedAt?: Date;
}

/** Writes a ustar archive. */
export function writeTar(entries: readonly TarEntry[]): Uint8Array {
  const parts = entries.flatMap((entry) => {
    const content = contentOf(entry);
    return [header(entry, content.length), content, new Uint8Array((BLOCK - content.length % BLOCK) % BLOCK)];
  });
  return concatBytes([...parts, new Uint8Array(BLOCK * 2)]);
}

/**
 * Ways in which an edition's archive can be hostile: `traversal` (the database lies at `../../…`), `absolute`,
 * `several` databases, `none`, `symlink` (the database is a link), `wrong_edition`, `claimed_size` (the header
 * promises 64 GB), `not_a_tar`.
 */
export type TarHostility =
  | "traversal"
  | "absolute"
  | "several"
  | "none"
  | "symlink"
  | "wrong_edition"
  | "claimed_size"
  | "not_a_tar";

/** Every kind of hostile archive. */
export const TAR_HOSTILITIES: readonly TarHostility[] = [
  "traversal",
  "absolute",
  "several",
  "none",
  "symlink",
  "wrong_edition",
  "claimed_size",
  "not_a_tar",
];

/** What an archive of an edition holds. */
export interface EditionArchive {
  /** For instance `GeoLite2-City`. */
  readonly edition: string;
  /** `YYYYMMDD`, as the folder in the archive is named. */
  readonly date: string;
  /** The database. */
  readonly database: Uint8Array;
}

/** Writes an archive as MaxMind's: `E_YYYYMMDD/E.mmdb` between text files. Not compressed. */
export function writeEditionTar(archive: EditionArchive, hostility?: TarHostility): Uint8Array {
  const { edition, date, database } = archive;
  const folder = `${edition}_${date}`;
  const file = { name: `${folder}/${edition}.mmdb`, content: database };
  const around = (...members: readonly TarEntry[]) =>
    writeTar([
      { name: `${folder}/`, type: "directory" },
      { name: `${folder}/COPYRIGHT.txt`, content: "Database and Contents Copyright (c) Example, Inc.\n" },
      ...members,
      { name: `${folder}/LICENSE.txt`, content: "Synthetic data for tests.\n" },
    ]);
  const other = edition === "GeoLite2-City" ? "GeoLite2-ASN" : "GeoLite2-City";
  switch (hostility) {
    case undefined:
      return around(file);
    case "traversal":
      return around({ ...file, name: `../../../${edition}.mmdb` });
    case "absolute":
      return around({ ...file, name: `/tmp/${edition}.mmdb` });
    case "several":
      return around(file, { ...file, name: `${folder}/copy/${edition}.mmdb` });
    case "none":
      return around();
    case "symlink":
      return around({ name: file.name, type: "symlink", target: "/etc/passwd" });
    case "wrong_edition":
      return around({ ...file, name: `${other}_${date}/${other}.mmdb` });
    case "claimed_size":
      return around({ ...file, claimedSize: 8 ** 11 * 8 - 1 });
    case "not_a_tar":
      return new TextEncoder().encode("This is no archive.\n".repeat(200));
  }
}

/** Joins pieces of bytes. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function contentOf({ content = "" }: TarEntry): Uint8Array {
  return typeof content === "string" ? new TextEncoder().encode(content) : content;
}

function header(entry: TarEntry, size: number): Uint8Array {
  const bytes = new Uint8Array(BLOCK);
  const put = (at: number, text: string) => bytes.set(new TextEncoder().encode(text), at);
  const octal = (value: number, width: number) => value.toString(8).padStart(width, "0") + "\0";
  const isLink = entry.type === "symlink";
  const modifiedAt = entry.modifiedAt ?? new Date(Date.UTC(2026, 10, 20));
  put(0, entry.name.slice(0, 100));
  put(100, octal(entry.type === "directory" ? 0o755 : 0o644, 7));
  put(108, octal(0, 7));
  put(116, octal(0, 7));
  // Sizes beyond eight gigabytes don't fit eleven octal digits: base 256, marked by the top bit.
  if ((entry.claimedSize ?? size) < 8 ** 11) put(124, octal(entry.claimedSize ?? size, 11));
  else bytes.set(largeSize(entry.claimedSize!), 124);
  put(136, octal(Math.floor(modifiedAt.getTime() / 1000), 11));
  put(148, "        ");
  put(156, entry.type === "directory" ? "5" : isLink ? "2" : "0");
  if (isLink) put(157, entry.target ?? "");
  put(257, "ustar\0" + "00");
  put(148, bytes.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, "0") + "\0 ");
  return bytes;
}

function largeSize(size: number): Uint8Array {
  const bytes = new Uint8Array(12);
  for (let index = 11, rest = size; index > 0; index--, rest = Math.floor(rest / 256)) {
    bytes[index] = rest % 256;
  }
  bytes[0] = 0x80;
  return bytes;
}
