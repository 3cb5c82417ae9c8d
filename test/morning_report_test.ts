import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openSchedule, readSettings } from "@ipcascade/platform";
import { openTempDir } from "@ipcascade/testkit";
import { openSmtpServer } from "@ipcascade/testkit/lab";

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

Deno.test("the run for the morning's tick mails the report, once", async () => {
  await using dir = await openTempDir();
  await using smtp = await openSmtpServer({ login: { user: "ops", password: "hunter2" } });
  const env = {
    HOME: dir.path,
    SMTP_URL: `smtp://ops:hunter2@127.0.0.1:${smtp.port}`,
    ALERT_EMAIL_TO: "ops@example.com",
  };
  const settings = readSettings({ env, flags: {}, readFile: () => null });
  await using schedule = openSchedule(settings, SILENT, { version: "1.2.3" });
  const first = await schedule.runTick("check-health");
  const again = await schedule.runTick("check-health");

  assertEquals([first.state, first.run!.state, again.state], ["ran", "succeeded", "settled"]);
  assertMatch(first.run!.message!, /^critical, edition_city, edition_asn.*; report mailed$/);
  const [mail, ...others] = smtp.mails.filter(({ subject }) => subject.includes("Health of"));
  assertEquals(others, []);
  assertMatch(
    mail!.subject,
    /^\[ipcascade\] Health of \S+ on \d{4}-\d\d-\d\d: critical \(edition_city, edition_asn/,
  );
  for (const part of ["text/plain", "text/html", "What is wrong", "-> ipcascade editions update"]) {
    assertStringIncludes(mail!.raw, part);
  }
  assert(!mail!.raw.includes("hunter2"));
});
