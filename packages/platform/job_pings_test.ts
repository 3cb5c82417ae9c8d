import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { openHookServer } from "@ipcascade/testkit/lab";
import { keepLog } from "./_test_alerts.ts";
import { createJobPings, pingUrl } from "./job_pings.ts";
import { createRedactor } from "./secrets.ts";

const RUN = "6e1fbe5c-0f6b-4d0b-8a51-0c8f5f0b9a11";
const CHECK = "0b1f2c3d-1111-4222-8333-444455556666";
const KEY = "fqOOd6-F4MMNuCEnzTU01w";

Deno.test("pingUrl() has one check for all jobs, or one for each", () => {
  const cases: readonly [base: string, url: string][] = [
    [`https://hc-ping.com/${CHECK}`, `https://hc-ping.com/${CHECK}/start?rid=${RUN}`],
    [`https://hc-ping.com/${KEY}`, `https://hc-ping.com/${KEY}/back-up/start?rid=${RUN}`],
    [`https://hc-ping.com/${KEY}?create=1`, `https://hc-ping.com/${KEY}/back-up/start?create=1&rid=${RUN}`],
    [`https://hc-ping.com/${KEY}/night`, `https://hc-ping.com/${KEY}/night/start?rid=${RUN}`],
    [`https://hc.example/ping/${KEY}/{job}`, `https://hc.example/ping/${KEY}/back-up/start?rid=${RUN}`],
    [
      `https://hc.example/ping/${KEY}/x-{job}-1`,
      `https://hc.example/ping/${KEY}/x-back-up-1/start?rid=${RUN}`,
    ],
    [`https://hc.example/ping/${KEY}`, `https://hc.example/ping/${KEY}/start?rid=${RUN}`],
  ];
  for (const [base, url] of cases) {
    assertEquals(pingUrl(base, { job: "back-up", runId: RUN, signal: "start" }), url);
  }
});

/** Pings against a server that takes everything. */
async function openWorld() {
  const hook = await openHookServer();
  const log = keepLog();
  const redact = createRedactor(["hunter2"]);
  const pings = createJobPings({ url: `${hook.url}/ping/${KEY}/{job}`, log, redact, limitMs: 2_000 });
  return { hook, log, pings, [Symbol.asyncDispose]: () => hook[Symbol.asyncDispose]() };
}

Deno.test("createJobPings() tells the start and the exit status of one run, with what it said last", async () => {
  await using world = await openWorld();
  await world.pings.start("back-up", RUN);
  await world.pings.end("back-up", RUN, { exitStatus: 3, output: "2 of 3 done, password hunter2\n" });
  assertEquals(world.hook.requests.map(({ method, path, body }) => [method, path, body]), [
    ["POST", `/ping/${KEY}/back-up/start?rid=${RUN}`, ""],
    ["POST", `/ping/${KEY}/back-up/3?rid=${RUN}`, "2 of 3 done, password ***\n"],
  ]);
  assertEquals(world.log.lines, []);
});

Deno.test("createJobPings() sends the last 100 kB of a long output, whole in its first character", async () => {
  await using world = await openWorld();
  await world.pings.end("back-up", RUN, { exitStatus: 0, output: `${"✓".repeat(60_000)}the end!` });
  const { body } = world.hook.requests[0]!;
  assertEquals([new TextEncoder().encode(body).length <= 100_000, body.length], [true, 33_330 + 8]);
  assertEquals([body.startsWith("✓"), body.endsWith("✓the end!")], [true, true]);
});

Deno.test("createJobPings() never throws: it tries once more where it may help, and tells the log", async () => {
  await using world = await openWorld();
  const { hook, log, pings } = world;
  hook.setFault({ kind: "status", status: 503, times: 1 });
  await pings.start("back-up", RUN);
  assertEquals([hook.requests.map(({ status }) => status), log.lines], [[503, 200], []]);
  hook.setFault({ kind: "status", status: 404, body: `not found: ${KEY}` });
  await pings.start("back-up", RUN);
  assertEquals(hook.requests.length, 3, "who says no is not asked again");
  hook.setFault({ kind: "reset" });
  await pings.end("back-up", RUN, { exitStatus: 0, output: "" });
  assertEquals(log.lines.length, 2);
  assertStringIncludes(log.lines[0]!, '"reason":"answered 404');
  assertEquals(log.lines.join("").includes(KEY), false);
});

Deno.test("createJobPings() gives a ping, and the end with a start that it waits for, one time for all", async () => {
  await using hook = await openHookServer();
  const log = keepLog();
  const limitMs = 400;
  const pings = createJobPings({ url: `${hook.url}/${CHECK}`, log, redact: (text) => text, limitMs });
  hook.setFault({ kind: "drop" });
  const started = performance.now();
  const starting = pings.start("check-quota", RUN);
  await pings.end("check-quota", RUN, { exitStatus: 0, output: "" });
  const tookMs = performance.now() - started;
  assert(tookMs < 1.5 * limitMs, `${tookMs} ms`);
  await starting;
  assertEquals(log.lines.map((line) => JSON.parse(line.slice(line.indexOf("{"))).reason), [
    "no answer in time",
    "no answer in time",
  ]);
});

Deno.test("createJobPings() tells the start before the end", async () => {
  await using world = await openWorld();
  world.hook.setFault({ kind: "delay", ms: 50, times: 1 });
  const starting = world.pings.start("back-up", RUN);
  await world.pings.end("back-up", RUN, { exitStatus: 0, output: "" });
  await starting;
  assertEquals(world.hook.requests.map(({ path }) => /(start|0)\?/.exec(path)?.[1]), ["start", "0"]);
});
