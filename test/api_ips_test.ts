import { assertEquals, assertStringIncludes } from "@std/assert";
import type { WatchedMaxmind } from "@ipcascade/platform";
import { openPostgresServer, writeEditionPair } from "@ipcascade/testkit";
import { openApiWorld } from "./api_world.ts";

Deno.test("GET /v1/ips/{ip} knows queries, caching and what was said before", async (t) => {
  await using server = await openPostgresServer();
  await using world = await openApiWorld({ env: { DATABASE_URL: await server.createDatabase() } });
  const { requests } = world.lab;

  await t.step("one run for those who ask at once, none for those who ask again", async () => {
    const responses = await Promise.all(Array.from({ length: 20 }, () => world.fetch("/v1/ips/8.8.8.8")));
    const records = await Promise.all(responses.map((response) => response.json()));
    assertEquals(requests.greynoiseRequests, 1);
    assertEquals(records.map((record) => record.asn_number), Array(20).fill(15169));
    const again = await (await world.fetch("/v1/ips/8.8.8.8")).json();
    assertEquals([again.from_inventory, again.enrichment.greynoise.riot], [true, true]);
    assertEquals(requests.greynoiseRequests, 1);
  });

  await t.step("the same tag from memory and from the inventory, another for other facts", async () => {
    const first = await world.fetch("/v1/ips/9.9.9.9");
    const tag = first.headers.get("etag") ?? "";
    await first.body?.cancel();
    assertEquals(/^"[0-9a-f]{16}"$/.test(tag), true);
    assertEquals(first.headers.get("cache-control"), "private, max-age=300");
    for (const condition of [tag, `W/${tag}`, `"x", ${tag}`, "*"]) {
      // A selection of every source is not remembered: it comes from the inventory.
      for (const query of ["", "?sources=maxmind,cymru,greynoise"]) {
        const response = await world.fetch(`/v1/ips/9.9.9.9${query}`, {
          headers: { "if-none-match": condition },
        });
        assertEquals([response.status, await response.text()], [304, ""], condition + query);
        assertEquals(response.headers.get("etag"), tag);
      }
    }
    const other = await world.fetch("/v1/ips/8.8.8.8", { headers: { "if-none-match": tag } });
    assertEquals(other.status, 200);
    await other.body?.cancel();
  });

  await t.step("refresh asks again, and what is remembered is forgotten", async () => {
    const asked = requests.greynoiseRequests;
    await (await world.fetch("/v1/ips/8.8.8.8?refresh=1")).body?.cancel();
    assertEquals(requests.greynoiseRequests, asked + 1);
    await (await world.fetch("/v1/ips/8.8.8.8")).body?.cancel();
    await (await world.fetch("/v1/ips?refresh=1", {
      method: "POST",
      headers: { "content-type": "text/plain" },
      body: "8.8.8.8",
    })).text();
    const record = await (await world.fetch("/v1/ips/8.8.8.8")).json();
    const log = requests.of("greynoise");
    assertEquals(record.scanner_ts >= log.at(-1)!.at, true);
  });

  await t.step("local addresses are told without asking", async () => {
    const asked = requests.greynoiseRequests;
    const record = await (await world.fetch("/v1/ips/10.1.2.3")).json();
    assertEquals([record.scope, record.from_inventory], ["private", true]);
    assertEquals(requests.greynoiseRequests, asked);
  });

  await t.step("a selection asks nobody else", async () => {
    const asked = requests.greynoiseRequests;
    const record = await (await world.fetch("/v1/ips/5.1.2.3?sources=maxmind")).json();
    assertEquals(record.enrichment._meta.sources.greynoise.reason, "not_selected");
    assertEquals(requests.greynoiseRequests, asked);
  });

  await t.step("what is wrong is quoted", async () => {
    const cases = [
      ["/v1/ips/10.0.0.0%2F8", "POST /v1/ips"],
      ["/v1/ips/10.0.0.0/8", '"10.0.0.0/8"'],
      ["/v1/ips/10.0.0.1-10.0.0.9", "POST /v1/ips"],
      ["/v1/ips/8.8.8.8?offline=perhaps", '"perhaps"'],
      ["/v1/ips/8.8.8.8?sources=whois", '"whois"'],
      ["/v1/ips/8.8.8.8?offline=1&sources=maxmind", "give one of them"],
      ["/v1/ips/%00", '"\\u0000"'],
    ] as const;
    for (const [path, quoted] of cases) {
      const response = await world.fetch(path);
      assertEquals(
        [response.status, response.headers.get("content-type")],
        [400, "application/problem+json"],
        path,
      );
      assertStringIncludes((await response.json()).detail, quoted);
    }
  });

  await t.step("a source that fails never fails the address", async () => {
    world.lab.setFault("greynoise", { kind: "status", status: 500 });
    const response = await world.fetch("/v1/ips/5.1.2.4");
    assertEquals(response.status, 200);
    const record = await response.json();
    assertEquals(record.enrichment._meta.sources.greynoise.outcome, "failed");
    world.lab.clearFaults();
  });
});

Deno.test("GET /v1/ips/{ip} answers from the editions that serve, and never from those before", async () => {
  await using world = await openApiWorld();
  const ask = async (query: string) => await (await world.fetch(`/v1/ips/8.8.8.8${query}`)).json();
  const before = [await ask(""), await ask(""), await ask("?offline=1"), await ask("?offline=1")];
  const build = before[0].enrichment.maxmind.database_build;
  assertEquals(before.map((record) => record.enrichment.maxmind.database_build), Array(4).fill(build));
  await writeEditionPair(
    world.dir.join("editions"),
    { buildEpoch: Date.parse(build) / 1_000 + 86_400 },
  );
  await (world.operations.maxmind as WatchedMaxmind).check();
  for (const query of ["", "?offline=1", "", "?offline=1"]) {
    const next = (await ask(query)).enrichment.maxmind.database_build;
    assertEquals(Date.parse(next) - Date.parse(build), 86_400_000);
  }
});
