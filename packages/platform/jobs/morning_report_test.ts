import { describeCheck } from "@ipcascade/core";
import { checkHealth, type HealthReport } from "@ipcascade/operations";
import { FakeClock } from "@ipcascade/testkit";
import { openSmtpServer } from "@ipcascade/testkit/lab";
import { hostname } from "node:os";
import { assert, assertEquals, assertMatch } from "@std/assert";
import { readSettings } from "../settings_reader.ts";
import { isMorningTick, mailMorningReport } from "./morning_report.ts";

const MORNING = Date.UTC(2026, 10, 26, 6);
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

Deno.test("isMorningTick() picks one tick a day, whatever the schedule", () => {
  const at = (time: string) => Date.parse(`2026-11-26T${time}:00Z`);
  const cases: readonly [time: string | null, line: string | null, expected: boolean][] = [
    ["06:00", "0 6 * * *", true],
    ["00:00", "*/15 * * * *", true],
    ["00:15", "*/15 * * * *", false],
    ["07:30", "30 7,19 * * MON-FRI", true],
    ["19:30", "30 7,19 * * MON-FRI", false],
    ["23:59", "59 23 * * *", true],
    [null, "0 6 * * *", false],
    ["06:00", null, false],
  ];
  for (const [time, line, expected] of cases) {
    assertEquals(isMorningTick(time === null ? null : at(time), line), expected, `${time} of ${line}`);
  }
});

function report(): Promise<HealthReport> {
  const checks = ["disk_free", "coverage", "alerts", "backup"].map((name) =>
    describeCheck({ name, group: "system" }, { grade: "warning", message: `${name} of hunter2 <b>` })
  );
  return checkHealth([{ expected: [], run: () => Promise.resolve(checks) }], { clock: new FakeClock() });
}

Deno.test("mailMorningReport() mails what was found, where it is wanted and can be, and never throws", async () => {
  await using smtp = await openSmtpServer({ login: { user: "ops", password: "hunter2" } });
  const url = `smtp://ops:hunter2@127.0.0.1:${smtp.port}`;
  const mail = async (env: Readonly<Record<string, string>> = {}, tickAt: number | null = MORNING) => {
    const given = { HOME: "/home/op", SMTP_URL: url, ALERT_EMAIL_TO: "ops@example.com", ...env };
    const settings = readSettings({ env: given, flags: {}, readFile: () => null });
    const stop = new AbortController().signal;
    return await mailMorningReport(await report(), { settings, log: SILENT, stop, tickAt });
  };
  assertEquals(await mail({ MORNING_REPORT: "off" }), null);
  assertEquals(await mail({ ALERT_EMAIL_TO: "" }), null);
  assertEquals(await mail({ SCHEDULE_CHECK_HEALTH: "0 5,6 * * *" }), null);
  assertEquals(await mail({}, null), null, "somebody asked for it");
  assertEquals(smtp.connections, 0);

  assertEquals(await mail(), { status: "sent", error: null });
  const [letter] = smtp.mails;
  assertEquals(
    letter!.subject,
    `[ipcascade] Health of ${hostname()} on 2026-11-23: warning (disk_free, coverage, alerts and 1 more)`,
  );
  assertMatch(letter!.raw, /disk_free of \*\*\* &lt;b&gt;/);
  assert(!letter!.raw.includes("hunter2"));
  for (const line of [`  Host      ${hostname()}`, `<p>Host ${hostname()};`]) {
    assert(letter!.raw.includes(line), line);
  }

  smtp.setFault({ kind: "greeting", reply: "421 busy" });
  const failed = await mail();
  assertEquals([failed!.status, failed!.error!.code], ["failed", "NOTIFIER_FAILED"]);
  assertMatch(failed!.error!.message, /^Cannot send mail through 127\.0\.0\.1:\d+: /);
});
