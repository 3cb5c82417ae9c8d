import { assert, assertEquals } from "@std/assert";
import { openTempDir } from "@ipcascade/testkit";
import { readDiskSpace } from "./disk_space.ts";

Deno.test("readDiskSpace() looks at the directory, or at the nearest one above it", async () => {
  await using dir = await openTempDir();
  const own = await readDiskSpace(dir.path);
  const below = await readDiskSpace(dir.join("not", "made"));
  assertEquals([own.path, below.path, below.totalBytes], [dir.path, dir.path, own.totalBytes]);
  assert(own.freeBytes > 0 && own.freeBytes <= own.totalBytes, JSON.stringify(own));
});
