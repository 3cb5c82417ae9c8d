import { assertEquals, assertRejects } from "@std/assert";
import { openLab } from "./lab.ts";

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", body: JSON.stringify(body) });
}

async function statusOf(response: Promise<Response>): Promise<number> {
  const { status, body } = await response;
  await body?.cancel();
  return status;
}

Deno.test("the control door steers the lab from outside", async () => {
  await using lab = await openLab();
  const url = `${lab.env.GREYNOISE_API_SERVER}/v3/community/8.8.8.8`;
  const fault = { kind: "status", status: 418 };
  assertEquals(await statusOf(post(`${lab.controlUrl}/faults`, { provider: "greynoise", fault })), 200);
  assertEquals(await statusOf(fetch(url)), 418);
  const requests = await (await fetch(`${lab.controlUrl}/requests`)).json();
  assertEquals([requests.greynoiseRequests, requests.log.length, requests.log[0].status], [1, 1, 418]);
  assertEquals(await statusOf(post(`${lab.controlUrl}/faults`, { provider: "greynoise", fault: null })), 200);
  assertEquals(await statusOf(fetch(url)), 200);
  assertEquals(await statusOf(post(`${lab.controlUrl}/reset`, {})), 200);
  assertEquals(lab.requests.greynoiseRequests, 0);
  const release = { edition: "GeoLite2-City", buildEpoch: Date.UTC(2026, 10, 24) / 1000 };
  const published = await (await post(`${lab.controlUrl}/releases`, release)).json();
  assertEquals(published, { edition: "GeoLite2-City", date: "20261124" });
  assertEquals(await (await fetch(`${lab.controlUrl}/env`)).json(), lab.env);
});

Deno.test("the control door refuses what it does not understand", async () => {
  await using lab = await openLab();
  assertEquals(await statusOf(post(`${lab.controlUrl}/faults`, { provider: "nobody", fault: null })), 400);
  assertEquals(await statusOf(fetch(`${lab.controlUrl}/faults`, { method: "POST", body: "{" })), 400);
  assertEquals(await statusOf(fetch(`${lab.controlUrl}/nothing`)), 404);
});

Deno.test("openLab() takes fixed ports, and gives them back when closed", async () => {
  const first = await openLab();
  const port = Number(first.env.CYMRU_WHOIS_ADDR.split(":")[1]);
  await assertRejects(() => openLab({ ports: { cymruWhois: port } }));
  await first.close();
  await using second = await openLab({ ports: { cymruWhois: port } });
  assertEquals(second.env.CYMRU_WHOIS_ADDR, `127.0.0.1:${port}`);
  await first.close();
});

Deno.test("openLab() closes while clients wait for an answer", async () => {
  const lab = await openLab({ faults: { greynoise: { kind: "drop" } } });
  const waiting = fetch(`${lab.env.GREYNOISE_API_SERVER}/v3/community/8.8.8.8`);
  const failed = assertRejects(() => waiting);
  while (lab.requests.greynoiseRequests === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await lab.close();
  await failed;
});

Deno.test("requests.reset() empties counters and log", async () => {
  await using lab = await openLab();
  await statusOf(fetch(`${lab.env.GREYNOISE_API_SERVER}/v3/community/8.8.8.8`));
  lab.requests.reset();
  assertEquals([lab.requests.greynoiseRequests, lab.requests.log.length], [0, 0]);
});
