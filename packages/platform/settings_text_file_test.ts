import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { openTempDir } from "@ipcascade/testkit";
import { readSettings } from "./settings_reader.ts";
import { readTextFile } from "./settings_text_file.ts";

async function makePipe(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assertEquals(success, true);
}

Deno.test("readTextFile() reads settings from a regular file of at most 1 MB alone", async () => {
  await using dir = await openTempDir();
  await makePipe(dir.join("pipe"));
  await Deno.writeTextFile(dir.join("large"), "#".repeat(1024 * 1024 + 1));
  await Deno.writeTextFile(dir.join("full"), "#".repeat(1024 * 1024));
  for (const path of [dir.join("pipe"), "/dev/zero"]) {
    assertThrows(() => readTextFile(path, "settings"), Error, "allowed is a regular file");
  }
  assertThrows(() => readTextFile(dir.join("large"), "settings"), Error, "larger than 1 MB");
  assertThrows(() => readTextFile(dir.path, "settings"), Error, "it is a directory");
  assertEquals(readTextFile(dir.join("full"), "settings")?.length, 1024 * 1024);
  assertEquals(readTextFile(dir.join("none"), "settings"), null);
  assertEquals(readTextFile("/dev/null", "settings"), "");
});

Deno.test("readTextFile() reads a secret out of a pipe", async () => {
  await using dir = await openTempDir();
  const path = dir.join("pipe");
  await makePipe(path);
  const writer = new Deno.Command("sh", { args: ["-c", 'printf s3cret > "$0"', path] }).spawn();
  assertEquals(readTextFile(path, "secret"), "s3cret");
  await writer.status;
});

Deno.test("readSettings() names a settings file that is a device, and does not read it", () => {
  for (const name of ["IPCASCADE_CONFIG_FILE", "GEOIPUPDATE_CONF_FILE"]) {
    const env = { HOME: "/nowhere", [name]: "/dev/zero" };
    const error = assertThrows(() => readSettings({ env, flags: {}, readFile: readTextFile }), Error);
    assertStringIncludes(error.message, `Cannot read ${name} "/dev/zero": allowed is a regular file`);
  }
});
