import { spawnSync } from "node:child_process";
import { chown, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { installSet } from "../testkit/edition_sets.ts";
import { FakeClock } from "../testkit/fake_clock.ts";
import { openTempDir } from "../testkit/temp_dir.ts";
import { createFileEditionStore } from "./edition_file_store.ts";
import { hasRuntime, RUNTIMES } from "./testing/child.ts";

const SCRIPT = fileURLToPath(new URL("./testing/edition_failures.ts", import.meta.url));
const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NOBODY = 65_534;
/** Root as one more user: with his own files, and without the right to pass over the rights of others. */
const UNPRIVILEGED = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search,-fowner"] as const;

interface Surroundings {
  readonly runtime?: string;
}

/** Runs a shell script that ends in `"$@"`, which is the script of failures with its arguments. */
function runIn(shell: string, args: readonly string[], { runtime = "deno" }: Surroundings = {}) {
  const command = [...RUNTIMES[runtime]!, SCRIPT, ...args];
  const { stdout, stderr } = spawnSync("bash", ["-c", shell, "bash", ...command], {
    cwd: ROOT,
    encoding: "utf8",
  });
  try {
    return JSON.parse(stdout);
  } catch {
    throw new Error(`Cannot run "${args.join(" ")}": ${stderr}`);
  }
}

/** A small file system of the child's own, which is gone when it ends. */
function onSmallDisk(dir: string): string {
  return `exec unshare -m bash -c 'mount -t tmpfs -o size=2m tmpfs "$0" && exec "$@"' '${dir}' "$@"`;
}

function canMount(): boolean {
  const { status } = spawnSync("unshare", ["-m", "mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmpdir()]);
  return status === 0;
}

function canDropPrivileges(): boolean {
  const [program, ...flags] = UNPRIVILEGED;
  return process.getuid?.() === 0 && spawnSync(program, [...flags, "true"]).status === 0;
}

const SMALL_DISK = canMount();
const DROPS_PRIVILEGES = canDropPrivileges();
const SETTLED = {
  current: "next",
  city: "city of next",
  failureCount: 1,
  leftovers: [],
  names: ["current", "lock", "sets", "staging", "state.json"],
};

Deno.test({
  name: "a set that doesn't fit on the disk leaves nothing, and the old one serves" +
    (SMALL_DISK ? "" : " (ignored: mounting is not allowed here)"),
  ignore: !SMALL_DISK,
  fn: async () => {
    await using dir = await openTempDir();
    onSmallDisk(dir.path).replaceAll('"$@"', '\\"\\$@\\"');
    assertEquals(runIn(onSmallDisk(dir.path), [dir.join("editions"), "big"]), {
      ...SETTLED,
      sets: ["first", "next"],
      failures: [
        'EDITION_STORE_FAILED: Cannot write "DIR/staging/big/GeoLite2-City.mmdb": no space left on device (ENOSPC)',
      ],
    });
  },
});

Deno.test({
  name: "a disk without a free byte changes neither the set that serves nor the state" +
    (SMALL_DISK ? "" : " (ignored: mounting is not allowed here)"),
  ignore: !SMALL_DISK,
  fn: async () => {
    await using dir = await openTempDir();
    onSmallDisk(dir.path).replaceAll('"$@"', '\\"\\$@\\"');
    const seen = runIn(onSmallDisk(dir.path), [dir.join("editions"), "full"]);
    assertEquals(seen.failures.slice(1), [
      'EDITION_STORE_FAILED: Cannot write "DIR/current": no space left on device (ENOSPC)',
      'EDITION_STORE_FAILED: Cannot write "DIR/state.json": no space left on device (ENOSPC)',
      "swept 0",
    ]);
    assertEquals(/^EDITION_STORE_FAILED: .*no space left on device \(ENOSPC\)$/.test(seen.failures[0]), true);
    const { failures: _, ...rest } = seen;
    assertEquals(rest, { ...SETTLED, sets: ["first", "next", "second"] });
  },
});

for (const runtime of Object.keys(RUNTIMES)) {
  Deno.test({
    name: `a limit on the size of files leaves nothing on ${runtime}, and the old set serves` +
      (hasRuntime(runtime) ? "" : " (ignored: it is not installed)"),
    ignore: !hasRuntime(runtime),
    fn: async () => {
      await using dir = await openTempDir();
      // Without the trap the system ends the process.
      const shell = `trap '' XFSZ; ulimit -f 2000; exec "$@"`;
      assertEquals(runIn(shell, [dir.join("editions"), "big"], { runtime }), {
        ...SETTLED,
        sets: ["first", "next"],
        failures: [
          'EDITION_STORE_FAILED: Cannot write "DIR/staging/big/GeoLite2-City.mmdb": ' +
          "the file would be larger than allowed (EFBIG)",
        ],
      });
    },
  });
}

Deno.test({
  name: "who may only read is served, and told so when he writes" +
    (DROPS_PRIVILEGES ? "" : " (ignored: only root can own what others may not write)"),
  ignore: !DROPS_PRIVILEGES,
  fn: async () => {
    await using dir = await openTempDir();
    const store = createFileEditionStore({ dir: dir.join("editions"), clock: new FakeClock() });
    {
      await using _lock = await store.lock("test");
      await installSet(store, { id: "a" });
      await store.switchTo("a");
    }
    const editions = dir.join("editions");
    for (const name of [".", ...await readdir(editions, { recursive: true })]) {
      await chown(join(editions, name), NOBODY, NOBODY);
    }
    const seen = runIn(`exec ${UNPRIVILEGED.join(" ")} "$@"`, [editions, "locked-out"]);
    assertEquals(seen, {
      failures: [
        'EDITION_STORE_FAILED: Cannot write "DIR/lock": permission denied',
        'EDITION_STORE_FAILED: Cannot write "DIR/state.json": permission denied',
      ],
      current: "a",
      city: "city of a",
      sets: ["a"],
      failureCount: 0,
      leftovers: [],
      names: ["current", "lock", "sets", "staging"],
    });
  },
});
