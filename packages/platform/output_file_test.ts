import { assertEquals, assertRejects } from "@std/assert";
import { openTempDir } from "@ipcascade/testkit";
import { writeOutputFile } from "./output_file.ts";
import { OutputFailedError } from "./output_stream.ts";

Deno.test("writeOutputFile() replaces a file, follows a link and leaves nothing else behind", async () => {
  await using dir = await openTempDir();
  await writeOutputFile(dir.join("report.html"), "one");
  await Deno.symlink(dir.join("report.html"), dir.join("latest.html"));
  await writeOutputFile(dir.join("latest.html"), "two");
  assertEquals(await Deno.readTextFile(dir.join("report.html")), "two");
  assertEquals((await Deno.lstat(dir.join("latest.html"))).isSymlink, true);
  assertEquals(Array.from(Deno.readDirSync(dir.path), ({ name }) => name).sort(), [
    "latest.html",
    "report.html",
  ]);
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
