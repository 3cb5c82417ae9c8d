import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { JOB_SCHEDULES, UsageError } from "@ipcascade/core";
import { readScheduleSettings, type ScheduleSettings } from "./settings_schedule_reader.ts";

function read(env: Record<string, string>, files: Record<string, string> = {}): ScheduleSettings {
  return readScheduleSettings({ env, readFile: (path) => files[path] ?? null });
}

Deno.test("readScheduleSettings() demands nothing: without any environment it has the defaults", () => {
  assertEquals(read({}), { schedules: JOB_SCHEDULES, idleReason: null });
});

Deno.test("readScheduleSettings() takes the environment before the settings file", () => {
  const file = "/srv/data/ipcascade.env";
  const { schedules } = read(
    { IPCASCADE_DATA_DIR: "/srv/data", SCHEDULE_BACK_UP: "off" },
    { [file]: 'SCHEDULE_BACK_UP=0 5 * * *\nSCHEDULE_CHECK_QUOTA="0 */2 * * *"\n' },
  );
  assertEquals(schedules["back-up"], null);
  assertEquals(schedules["check-quota"], "0 */2 * * *");
});

Deno.test("readScheduleSettings() finds the settings file where readSettings() does", () => {
  const line = "SCHEDULE_CHECK_QUOTA=5 */2 * * *";
  const cases: readonly [env: Record<string, string>, path: string][] = [
    [{ IPCASCADE_CONFIG_FILE: "/etc/my.env", IPCASCADE_DATA_DIR: "/srv" }, "/etc/my.env"],
    [{ IPCASCADE_CONFIG_FILE: "~/my.env", HOME: "/home/op" }, "/home/op/my.env"],
    [{ XDG_DATA_HOME: "/xdg", HOME: "/home/op" }, "/xdg/ipcascade/ipcascade.env"],
    [{ HOME: "/home/op" }, "/home/op/.local/share/ipcascade/ipcascade.env"],
  ];
  for (const [env, path] of cases) {
    assertEquals(read(env, { [path]: line }).schedules["check-quota"], "5 */2 * * *", path);
  }
});

Deno.test("readScheduleSettings() checks and tells nothing but its own settings", () => {
  const { schedules } = readScheduleSettings({
    env: {
      DATABASE_URL: "nonsense",
      PORT: "x",
      IPCASCADE_NO_SUCH: "1",
      IPCASCADE_CONFIG_FILE: "/etc/my.env",
    },
    readFile: () => {
      throw new Error("Permission denied");
    },
  });
  assertEquals(schedules, JOB_SCHEDULES);
});

Deno.test("readScheduleSettings() stops at lines and names that can't be used, with what was meant", () => {
  const env = { SCHEDULE_UPDATE_EDITIONS: "0 2 * * 0", SCHEDULE_BACKUP: "off", SCHEDULE_TIMELINES: "a b" };
  const { message } = assertThrows(() => read(env), UsageError);
  const lines = message.split("\n");
  assertEquals(lines.length, 3);
  assertStringIncludes(lines[0]!, 'Cannot read SCHEDULE_UPDATE_EDITIONS "0 2 * * 0" (environment)');
  assertStringIncludes(lines[0]!, "did you mean 0 2 * * SUN?");
  assertStringIncludes(lines[1]!, 'Cannot read SCHEDULE_TIMELINES "a b"');
  assertStringIncludes(lines[2]!, "did you mean SCHEDULE_BACK_UP?");
});

Deno.test("readScheduleSettings() says why nothing runs on another timeline", () => {
  const env = { DENO_DEPLOY: "true", DENO_TIMELINE: "git-branch/staging" };
  assertStringIncludes(read(env).idleReason ?? "", "git-branch/staging");
  assertEquals(read({ ...env, SCHEDULE_TIMELINES: "production,git-branch/staging" }).idleReason, null);
});
