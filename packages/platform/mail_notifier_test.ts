import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NotifierError } from "@ipcascade/core";
import { openSmtpServer, type SmtpFault, type SmtpServerOptions } from "@ipcascade/testkit/lab";
import { keepLog, quotaAlert } from "./_test_alerts.ts";
import { createMailNotifier } from "./mail_notifier.ts";
import { readMailServer } from "./mail_server.ts";

const LOGIN = { user: "mailer", password: "hunter2-secret" };
const TO = ["ops@example.com", "night@example.com"];

/** A notifier for a server on this port. */
function notifierAt(port: number, { scheme = "smtp", login = "", query = "" } = {}) {
  const log = keepLog();
  const server = readMailServer(`${scheme}://${login}127.0.0.1:${port}${query}`);
  return { log, ...createMailNotifier({ server, to: TO, from: "ipcascade <alerts@example.com>", log }) };
}

function never(): AbortSignal {
  return new AbortController().signal;
}

async function openWorld(options?: SmtpServerOptions) {
  const smtp = await openSmtpServer(options);
  return { smtp, [Symbol.asyncDispose]: () => smtp[Symbol.asyncDispose]() };
}

Deno.test("createMailNotifier() sends one mail to all recipients, readable on a phone", async () => {
  await using world = await openWorld();
  await notifierAt(world.smtp.port).send(quotaAlert(), never());
  const [mail] = world.smtp.mails;
  assertEquals([world.smtp.mails.length, mail!.from, mail!.to], [1, "alerts@example.com", TO]);
  assertEquals(mail!.subject, "[ipcascade] CRITICAL quota: 812 of 10000 left");
  assertEquals(mail!.headers.get("from"), "ipcascade <alerts@example.com>");
  assertEquals(mail!.headers.get("auto-submitted"), "auto-generated");
  assertEquals(mail!.headers.get("date"), "Mon, 23 Nov 2026 12:00:00 +0000");
  assertEquals(
    mail!.text.trimEnd(),
    [
      "GreyNoise quota: 812 of 10000 left (8.1 %), resets in 12 h 0 min.",
      "",
      "  Now     critical, was ok",
      "  Since   2026-11-23 08:00 UTC",
      "  Seen    2026-11-23 12:00 UTC",
      "  Host    honeypot-1",
      "  Next    ipcascade quota history",
    ].join("\n"),
  );
});

Deno.test("createMailNotifier() lets no text of a message become a header or a command", async () => {
  await using world = await openWorld();
  const hostile = "x\r\nBcc: evil@example.com\r\n\r\nbody\u202e\r\n.\r\nMAIL FROM:<evil@example.com>";
  await notifierAt(world.smtp.port).send(
    quotaAlert({ title: hostile, message: hostile, key: hostile, fix: hostile, host: hostile }),
    never(),
  );
  const [mail] = world.smtp.mails;
  assertEquals([world.smtp.mails.length, mail!.headers.has("bcc"), mail!.to], [1, false, TO]);
  assertStringIncludes(mail!.subject, "x··Bcc: evil@example.com");
  assertStringIncludes(mail!.text, "x··Bcc: evil@example.com····body···.··MAIL FROM");
});

Deno.test("createMailNotifier() writes letters beyond ASCII and long lines so that they arrive", async () => {
  await using world = await openWorld();
  const message = `Ünïcode ✓ ${"long ".repeat(300)}.`;
  await notifierAt(world.smtp.port).send(quotaAlert({ title: "≤ 5 ✓", message }), never());
  assertStringIncludes(world.smtp.mails[0]!.subject, "quota: ≤ 5 ✓");
  assertStringIncludes(world.smtp.mails[0]!.text.replace(/ \n/g, " "), message);
});

Deno.test("createMailNotifier() uses TLS where it is offered, and checks the certificate", async () => {
  for (const tls of ["starttls", "required", "implicit"] as const) {
    await using world = await openWorld({ tls, login: LOGIN });
    const scheme = tls === "implicit" ? "smtps" : "smtp";
    const login = `${LOGIN.user}:${LOGIN.password}@`;
    const strict = notifierAt(world.smtp.port, { scheme, login });
    const error = await assertRejects(() => strict.send(quotaAlert(), never()), NotifierError);
    assertStringIncludes(error.message, "self-signed certificate", tls);
    assertEquals(world.smtp.mails, []);
    await notifierAt(world.smtp.port, { scheme, login, query: "?verify=no" }).send(quotaAlert(), never());
    const [mail] = world.smtp.mails;
    assertEquals([mail!.isSecure, mail!.user], [true, "mailer"], tls);
  }
});

Deno.test("createMailNotifier() sends nothing in the clear where TLS is required and not to be had", async () => {
  await using world = await openWorld();
  const notifier = notifierAt(world.smtp.port, { query: "?tls=required" });
  const error = await assertRejects(() => notifier.send(quotaAlert(), never()), NotifierError);
  assertStringIncludes(error.message, "STARTTLS");
  assertEquals(world.smtp.mails, []);
  await using demanding = await openWorld({ tls: "required" });
  const plain = notifierAt(demanding.smtp.port, { query: "?tls=off" });
  const refused = await assertRejects(() => plain.send(quotaAlert(), never()), NotifierError);
  assertStringIncludes(refused.message, "530 5.7.0 Must issue a STARTTLS first");
});

Deno.test("createMailNotifier() tells why a mail was not taken, without the password", async () => {
  await using world = await openWorld({ login: LOGIN });
  const { smtp } = world;
  const cases: readonly [label: string, fault: SmtpFault | null, login: string, message: RegExp][] = [
    [
      "wrong password",
      null,
      "mailer:wrong-password@",
      /535 5\.7\.8 wrong user or password: \*\*\* \(\*\*\*\)/,
    ],
    ["no login", null, "", /530 5\.7\.0 Authentication required/],
    [
      "recipient",
      { kind: "reply", command: "RCPT", reply: "550 5.1.1 no such user" },
      "",
      /550 5\.1\.1 no such/,
    ],
    ["greeting", { kind: "greeting", reply: "421 4.3.2 too busy" }, "", /421 4\.3\.2 too busy/],
    ["reset", { kind: "reset" }, "", /: the connection broke off$/],
    ["in the middle", { kind: "cutData" }, "", /: the connection broke off$/],
    ["after the message", { kind: "lost" }, "", /: the connection broke off$/],
    ["without end", { kind: "endless" }, "", /larger|too large|exceed/i],
  ];
  for (const [label, fault, login, message] of cases) {
    smtp.setFault(fault);
    const own = login !== "" || fault === null ? login : `${LOGIN.user}:${LOGIN.password}@`;
    const notifier = notifierAt(smtp.port, { login: own });
    const error = await assertRejects(() => notifier.send(quotaAlert(), never()), NotifierError);
    assertStringIncludes(error.message, `Cannot send mail through 127.0.0.1:${smtp.port}: `, label);
    assert(message.test(error.message), `${label}: ${error.message}`);
    assertEquals(/hunter2|wrong-password|AG1haWxlcg/.test(error.message), false, error.message);
    assert(error.message.length < 400, label);
  }
});

Deno.test("createMailNotifier() is content when some recipients are refused, and tells which", async () => {
  await using world = await openWorld();
  world.smtp.setFault({ kind: "reply", command: "RCPT", reply: "550 no such user", to: "night@" });
  const notifier = notifierAt(world.smtp.port);
  await notifier.send(quotaAlert(), never());
  assertEquals(world.smtp.mails[0]!.to, ["ops@example.com"]);
  assertEquals(notifier.log.lines, ['Mail server refuses a recipient {"recipient":"night@example.com"}']);
});

Deno.test("createMailNotifier() refuses to wait longer than its signal, and leaves no connection behind", async () => {
  await using world = await openWorld();
  for (const fault of [{ kind: "silent" }, { kind: "delay", ms: 60_000 }] as const) {
    world.smtp.setFault(fault);
    const stop = new AbortController();
    const before = world.smtp.connections;
    const sending = notifierAt(world.smtp.port).send(quotaAlert(), stop.signal);
    await waitFor(() => world.smtp.connections > before);
    stop.abort(new Error("no time is left"));
    const error = await assertRejects(() => sending, NotifierError);
    assertStringIncludes(error.message, "no time is left");
    await waitFor(() => world.smtp.open === 0);
  }
});

Deno.test("createMailNotifier() says that nobody listens", async () => {
  let port = 0;
  {
    await using world = await openWorld();
    port = world.smtp.port;
  }
  const error = await assertRejects(() => notifierAt(port).send(quotaAlert(), never()), NotifierError);
  assertStringIncludes(error.message, "the connection was refused");
});

/** Waits for the other side of a loopback connection, which needs turns of the event loop. */
async function waitFor(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
}
