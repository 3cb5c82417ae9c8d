import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { openTempDir } from "../testkit/temp_dir.ts";
import { formatIdentity, readOwnIdentity } from "./process_identity.ts";
import { hasRuntime, RUNTIMES } from "./testing/child.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const SCRIPT = fileURLToPath(new URL("./testing/lock_without_room.ts", import.meta.url));
const MOUNT = ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmpdir()];
const CAN_MOUNT = spawnSync("unshare", MOUNT).status === 0;
const TOLD = ["The backups are worked on without a lock"];

interface Seen {
  readonly failures: readonly [plain: string, makingRoom: string];
  readonly told: readonly string[];
  readonly left: readonly string[];
}

/** Runs the script on a small disk of its own, which is gone when it ends. */
function runOnSmallDisk(dir: string, runtime: string, holder = ""): Seen {
  const shell = 'exec unshare -m bash -c \'mount -t tmpfs -o size=1m tmpfs "$0" && exec "$@"\' "$0" "$@"';
  const args = ["-c", shell, dir, ...RUNTIMES[runtime]!, SCRIPT, dir, holder];
  const { stdout, stderr } = spawnSync("bash", args, { cwd: ROOT, encoding: "utf8" });
  if (stdout === "") throw new Error(`Cannot run on a small disk: ${stderr}`);
  return JSON.parse(stdout);
}

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test({
    name: `lock() on ${runtime} is done without by who makes room on a full disk, and says so`,
    ignore: !CAN_MOUNT || !hasRuntime(runtime),
    fn: async () => {
      await using dir = await openTempDir();
      const { failures, told, left } = runOnSmallDisk(dir.path, runtime);
      assertStringIncludes(failures[0], "BackupPlaceError: Cannot write");
      assertStringIncludes(failures[0], "no space left on device");
      assertEquals([failures[1], told, left], ["done", TOLD, []]);
    },
  });
}

Deno.test({
  name: "lock() on a full disk is refused to who makes room while somebody alive holds it",
  ignore: !CAN_MOUNT,
  fn: async () => {
    await using dir = await openTempDir();
    const { failures, told, left } = runOnSmallDisk(
      dir.path,
      "deno",
      `lock~${formatIdentity(readOwnIdentity())}`,
    );
    const holder = `LockHeldError: Cannot prune backups: process ${process.pid} holds the lock`;
    assertEquals(failures.map((failure) => failure.startsWith(holder)), [true, true]);
    assertEquals([told, left.length], [[], 1]);
  },
});
