import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { NotifierError } from "@ipcascade/core";
import type { Letter, Mailer } from "./mailer.ts";
import { createNodeClock } from "./node_clock.ts";
import { FakeClock } from "@ipcascade/testkit";
import { fullReport } from "../render/testing/coverage_reports.ts";
import { mailReport } from "./mail_report.ts";

const stop = new AbortController().signal;

/** A mailer that ends so with each letter. */
function createMailer(send: (letter: Letter) => readonly string[]): Mailer {
  return { send: (letter) => Promise.resolve(send(letter)) };
}

Deno.test("mailReport() sends text, HTML and the page", async () => {
  const letters: Letter[] = [];
  const mailer = createMailer((letter) => {
    letters.push(letter);
    return [];
  });
  const sent = await mailReport(fullReport(), { mailer, clock: createNodeClock(), stop });
  assertEquals(sent, { status: "sent", error: null });
  assertEquals(letters.map(({ subject, page }) => [subject, page?.name]), [
    ["[ipcascade] Coverage of 2026-10", "coverage-2026-10.html"],
  ]);
});

Deno.test("mailReport() tells of recipients that were refused, and of none", async () => {
  const clock = createNodeClock();
  const ends = [["b@example.com", "c@example.com"], []].map((refused) =>
    mailReport(fullReport(), { mailer: createMailer(() => refused), clock, stop })
  );
  const [some, none] = await Promise.all(ends);
  assertEquals([some!.status, some!.error?.code], ["partly_failed", "RECIPIENTS_REFUSED"]);
  assertMatch(some!.error!.message, /refuses b@example\.com, c@example\.com;/);
  assertEquals(none, { status: "sent", error: null });
});

Deno.test("mailReport() tells why nothing was sent", async () => {
  const broken = createMailer(() => {
    throw new NotifierError("Cannot send mail through mail.example.com:25: 451 try later");
  });
  assertEquals(await mailReport(fullReport(), { mailer: broken, clock: createNodeClock(), stop }), {
    status: "failed",
    error: {
      code: "NOTIFIER_FAILED",
      message: "Cannot send mail through mail.example.com:25: 451 try later",
    },
  });
  const clock = new FakeClock();
  const mailing = mailReport(fullReport(), { mailer: { send: () => new Promise(() => {}) }, clock, stop });
  await clock.waitForSleepers();
  await clock.advance(60_000);
  const late = await mailing;
  assertEquals([late.status, late.error?.code], ["failed", "MAIL_LATE"]);
  assertStringIncludes(late.error!.message, "no answer within 60 s");
});
