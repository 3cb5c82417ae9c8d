import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import { openHookServer, openSmtpServer, type SmtpServer } from "@ipcascade/testkit/lab";
import { publish } from "./health_world.ts";
import { openCliWorld } from "./run_cli.ts";

/** Gives the subjects of the mails since its last call, in alphabetical order, without the name of the program. */
function watchSubjects(smtp: SmtpServer): () => string[] {
  let seen = 0;
  return () => {
    const mails = smtp.mails.slice(seen);
    seen += mails.length;
    return mails.map(({ subject }) => subject.replace("[ipcascade] ", "")).sort();
  };
}

Deno.test("health --alert: every change is mailed once by four processes, and a lost database alone", async () => {
  await using server = await openPostgresServer();
  await using smtp = await openSmtpServer();
  await using hook = await openHookServer();
  await using world = await openCliWorld({ editions: false });
  publish(world.lab, 1);
  const mail = { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, ALERT_EMAIL_TO: "ops@example.com" };
  const env = { DATABASE_URL: await server.createDatabase(), ...mail, HC_PING_URL: `${hook.url}/health` };
  const takeSubjects = watchSubjects(smtp);
  const check = (more: Record<string, string> = {}) =>
    world.run(["health", "--alert", "--format", "json"], { env: { ...env, ...more } });

  const first = await Promise.all(Array.from({ length: 4 }, () => check()));
  assertEquals(first.map(({ code }) => code), [2, 2, 2, 2], first[0]!.stderr);
  const [asn, city, ...more] = takeSubjects();
  assertMatch(asn!, /^CRITICAL health\.edition_asn: /);
  assertMatch(city!, /^CRITICAL health\.edition_city: /);
  assertEquals(more, []);

  const update = await world.run(["editions", "update"], { env });
  assertEquals(update.code, 0, update.stderr);
  const mended = await check();
  assertEquals(mended.code, 0, mended.stdout);
  assertEquals(takeSubjects().map((subject) => subject.split(":")[0]), [
    "OK health.edition_asn",
    "OK health.edition_city",
  ]);

  const away = await check({ DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" });
  assertEquals(away.code, 2);
  assertEquals(takeSubjects().map((subject) => subject.split(":")[0]), ["CRITICAL health.database"]);
  assertEquals((await check()).code, 0);
  assertEquals(takeSubjects().map((subject) => subject.split(":")[0]), ["OK health.database"]);

  const history = await world.run(["jobs", "history", "--job", "check-health"], { env });
  assertEquals(history.stdout.match(/check-health +succeeded/g)?.length, 6, history.stdout);
  const paths = hook.requests.map(({ path }) => path.replace(/\?.*/, ""));
  assertEquals(paths.filter((path) => path === "/health/2").length, 5);
  assert(paths.includes("/health/0"));
});

Deno.test("report --mail: a mail with text, HTML and a page to keep, and a mail server that fails is told", async () => {
  await using smtp = await openSmtpServer();
  await using world = await openCliWorld();
  const env = { SMTP_URL: `smtp://127.0.0.1:${smtp.port}`, ALERT_EMAIL_TO: "ops@example.com" };
  const none = await world.run(["report", "--mail"]);
  assertEquals(none.code, 2);
  assertStringIncludes(none.stderr, "set SMTP_URL and ALERT_EMAIL_TO");
  const sent = await world.run(["report", "--mail", "--quiet"], { env });
  assertEquals(sent.code, 0, sent.stderr);
  const [mail] = smtp.mails;
  assertMatch(mail!.subject, /^\[ipcascade\] Coverage of \d{4}-\d\d$/);
  for (const part of ["text/plain", "text/html", "filename=coverage-"]) assertStringIncludes(mail!.raw, part);
  smtp.setFault({ kind: "reply", command: "RCPT", reply: "550 no such user" });
  const refused = await world.run(["report", "--mail"], { env });
  assertEquals(refused.code, 3);
  assertStringIncludes(refused.stderr, "Cannot send mail through 127.0.0.1");
  assertEquals(smtp.mails.length, 1);
});
