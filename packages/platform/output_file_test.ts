import { assertEquals, assertRejects } from "@std/assert";
import { openTempDir } from "@ipcascade/testkit";
import { isStandardOutput, writeOutputFile } from "./output_file.ts";
import { OutputFailedError } from "./output_stream.ts";

function namesIn(path: string): string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
}

Deno.test("writeOutputFile() replaces a file, follows a link and leaves nothing else behind", async () => {
  await using dir = await openTempDir();
  await writeOutputFile(dir.join("report.html"), "one");
  await Deno.symlink(dir.join("report.html"), dir.join("latest.html"));
  await writeOutputFile(dir.join("latest.html"), "two");
  assertEquals(await Deno.readTextFile(dir.join("report.html")), "two");
  assertEquals((await Deno.lstat(dir.join("latest.html"))).isSymlink, true);
  assertEquals(namesIn(dir.path), ["latest.html", "report.html"]);
});

Deno.test("writeOutputFile() makes the file that links lead to, and leaves the links", async () => {
  await using dir = await openTempDir();
  await Deno.mkdir(dir.join("kept"));
  await Deno.symlink("kept/next.html", dir.join("latest.html"));
  await Deno.symlink("report.html", dir.join("kept/next.html"));
  await writeOutputFile(dir.join("latest.html"), "text");
  assertEquals(await Deno.readTextFile(dir.join("kept/report.html")), "text");
  assertEquals((await Deno.lstat(dir.join("latest.html"))).isSymlink, true);
  assertEquals(namesIn(dir.join("kept")), ["next.html", "report.html"]);
  await Deno.symlink("loop", dir.join("loop"));
  await Deno.symlink("none/report.html", dir.join("lost"));
  for (const name of ["loop", "lost"]) {
    await assertRejects(() => writeOutputFile(dir.join(name), "text"), OutputFailedError, name);
    assertEquals((await Deno.lstat(dir.join(name))).isSymlink, true);
  }
});

Deno.test("writeOutputFile() writes through a link to what has no path", async () => {
  await using dir = await openTempDir();
  const path = dir.join("report.html");
  const file = await Deno.open(path, { createNew: true, read: true, write: true });
  try {
    await Deno.remove(path);
    const open = Array.from(Deno.readDirSync("/proc/self/fd"), ({ name }) => `/proc/self/fd/${name}`)
      .find((link) => readLink(link)?.startsWith(path))!;
    await Deno.symlink(open, dir.join("link"));
    await writeOutputFile(dir.join("link"), "text");
    assertEquals(await new Response(file.readable).text(), "text");
    assertEquals((await Deno.lstat(dir.join("link"))).isSymlink, true);
    assertEquals(namesIn(dir.path), ["link"]);
  } finally {
    // Reading to the end has closed it, unless that failed.
    try {
      file.close();
    } catch { /* closed */ }
  }
});

function readLink(path: string): string | null {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return null;
  }
}

Deno.test("writeOutputFile() keeps a file's mode, and its owner", async () => {
  await using dir = await openTempDir();
  const path = dir.join("report.html");
  await Deno.writeTextFile(path, "one");
  for (const mode of [0o600, 0o660, 0o444]) {
    await Deno.chmod(path, mode);
    if (Deno.uid() === 0) await Deno.chown(path, 65_534, 65_534);
    const before = await Deno.stat(path);
    await writeOutputFile(path, "two");
    const after = await Deno.stat(path);
    assertEquals([after.mode! & 0o7777, after.uid, after.gid], [mode, before.uid, before.gid]);
  }
});

Deno.test("writeOutputFile() writes into a device and does not replace it", async () => {
  await writeOutputFile("/dev/null", "gone");
  assertEquals((await Deno.stat("/dev/null")).isCharDevice, true);
});

Deno.test("writeOutputFile() names the file that it can't write", async () => {
  await using dir = await openTempDir();
  for (const path of [dir.path, dir.join("none/report.html")]) {
    await assertRejects(() => writeOutputFile(path, "text"), OutputFailedError, path);
  }
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("isStandardOutput() knows its usual names", () => {
  assertEquals(["-", "/dev/stdout", "./-", "report.html"].map(isStandardOutput), [true, true, false, false]);
});
