import type { BackupFile, BackupPacking, BackupStaging, CreateHasher } from "@ipcascade/core";

/** Where members go, and how they are packed. */
export interface MemberTarget {
  readonly staging: BackupStaging;
  readonly packing: Pick<BackupPacking, "suffix" | "pack">;
  readonly createHasher: CreateHasher;
}

/** Packs a member into a file of a backup, in one stream. `name` goes without the packing's suffix. */
export async function storeMember(
  name: string,
  chunks: AsyncIterable<Uint8Array>,
  { staging, packing, createHasher }: MemberTarget,
): Promise<BackupFile> {
  const file = `${name}${packing.suffix}`;
  const hasher = createHasher("sha256");
  const writer = await staging.openFile(file);
  let bytes = 0;
  for await (const chunk of packing.pack(chunks)) {
    hasher.update(chunk);
    bytes += chunk.length;
    await writer.write(chunk);
  }
  await writer.close();
  return { file, file_bytes: bytes, file_sha256: hasher.digest() };
}
