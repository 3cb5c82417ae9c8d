import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { NotifierError } from "@ipcascade/core";
import { type Fault, openHookServer } from "@ipcascade/testkit/lab";
import { quotaAlert } from "./_test_alerts.ts";
import { createWebhookNotifier } from "./webhook_notifier.ts";

const PATH = "/services/T000/B000/secretsecret";

function never(): AbortSignal {
  return new AbortController().signal;
}

Deno.test("createWebhookNotifier() posts JSON that Slack, Discord and programs understand", async () => {
  await using hook = await openHookServer();
  await createWebhookNotifier(hook.url + PATH).send(quotaAlert(), never());
  const [request] = hook.requests;
  assertEquals([request!.method, request!.path, request!.contentType], ["POST", PATH, "application/json"]);
  const { text, content, ...rest } = JSON.parse(request!.body);
  assertEquals(text.split("\n")[0], "[ipcascade] CRITICAL quota: 812 of 10000 left");
  assertStringIncludes(text, "ipcascade quota history");
  assertEquals(content, text);
  assertEquals(rest, {
    allowed_mentions: { parse: [] },
    kind: "fire",
    key: "quota",
    grade: "critical",
    previous_grade: "ok",
    title: "812 of 10000 left",
    message: "GreyNoise quota: 812 of 10000 left (8.1 %), resets in 12 h 0 min",
    fix: "ipcascade quota history",
    since: "2026-11-23T08:00:00.000Z",
    at: "2026-11-23T12:00:00.000Z",
    host: "honeypot-1",
    remark: null,
  });
});

Deno.test("createWebhookNotifier() lets no message call everybody or exceed what chats take", async () => {
  await using hook = await openHookServer();
  const message = `<!channel> @everyone ${"long ".repeat(600)}`;
  await createWebhookNotifier(hook.url + PATH).send(quotaAlert({ message }), never());
  const { text, content } = JSON.parse(hook.requests[0]!.body);
  assertEquals([text.includes("<!channel>"), text.includes("&lt;!channel&gt;")], [false, true]);
  assertEquals([content.length, content.at(-1)], [2_000, "…"]);
});

Deno.test("createWebhookNotifier() tells why a post was not taken, without the URL", async () => {
  await using hook = await openHookServer();
  const notifier = createWebhookNotifier(hook.url + PATH);
  const host = new URL(hook.url).host;
  const location = { headers: { location: "/elsewhere" } };
  const cases: readonly [fault: Fault, message: string][] = [
    [{ kind: "status", status: 404, body: `no ${PATH} here\r\nX: y` }, "answered 404: no *** here X: y"],
    [{ kind: "status", status: 302, body: "", ...location }, "answered 302"],
    [{ kind: "status", status: 500, body: "x".repeat(9_999) }, `answered 500: ${"x".repeat(256)}`],
  ];
  for (const [fault, message] of cases) {
    hook.setFault(fault);
    const error = await assertRejects(() => notifier.send(quotaAlert(), never()), NotifierError);
    assertEquals(error.message, `Cannot post to the webhook at ${host}: ${message}`);
  }
  assertEquals(hook.requests.length, cases.length, "redirects are not followed");
  hook.setFault({ kind: "reset" });
  const error = await assertRejects(() => notifier.send(quotaAlert(), never()), NotifierError);
  assertEquals([error.message.includes("secretsecret"), error.message.includes(host)], [false, true]);
});

Deno.test("createWebhookNotifier() gives up when its signal aborts, and says that nobody listens", async () => {
  let url = "";
  {
    await using hook = await openHookServer();
    url = hook.url;
    hook.setFault({ kind: "drop" });
    const stop = new AbortController();
    const sending = createWebhookNotifier(hook.url + PATH).send(quotaAlert(), stop.signal);
    stop.abort(new DOMException("late", "TimeoutError"));
    const error = await assertRejects(() => sending, NotifierError);
    assertStringIncludes(error.message, "no answer in time");
  }
  const gone = createWebhookNotifier(url + PATH);
  const error = await assertRejects(() => gone.send(quotaAlert(), never()), NotifierError);
  assertStringIncludes(error.message, "the connection was refused");
});
