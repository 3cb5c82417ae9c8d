import { assertEquals, assertStringIncludes } from "@std/assert";
import { openPostgresServer } from "@ipcascade/testkit";
import { openApiWorld } from "./api_world.ts";

const NDJSON = { "content-type": "application/x-ndjson" };

interface Line {
  readonly input?: string;
  readonly ip_address?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

async function readLines(response: Response): Promise<Line[]> {
  return (await response.text()).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

Deno.test("POST /v1/ips answers each kind of body in the order of the input", async (t) => {
  await using world = await openApiWorld();
  const post = (body: BodyInit, headers: Record<string, string>, query = "") =>
    world.fetch(`/v1/ips${query}`, { method: "POST", body, headers });

  await t.step("NDJSON, with errors in their place", async () => {
    const body = '"8.8.8.8"\n\n{"ip":"10.0.0.0/30"}\nnonsense\n"999.1.1.1"\n"1.1.1.1"';
    const response = await post(body, NDJSON);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "application/x-ndjson");
    const lines = await readLines(response);
    assertEquals(lines.map((line) => line.error?.code ?? line.ip_address), [
      "8.8.8.8",
      "10.0.0.0",
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.3",
      "UNREADABLE_LINE",
      "INVALID_ADDRESS",
      "1.1.1.1",
    ]);
    assertEquals(lines[5]?.input, "nonsense");
    assertStringIncludes(lines[6]?.error?.message ?? "", "line 5");
  });

  await t.step("a JSON array, text, gzip, and nothing", async () => {
    const array = await readLines(
      await post('[ "8.8.8.8",\n [1],{"ip":"1.1.1.1"} ]', { "content-type": "application/json" }),
    );
    assertEquals(array.map((line) => line.error?.code ?? line.ip_address), [
      "8.8.8.8",
      "UNREADABLE_LINE",
      "1.1.1.1",
    ]);
    assertStringIncludes(array[1]?.error?.message ?? "", '("body", element 2, line 2)');
    const text = await readLines(
      await post("8.8.8.8\n1.1.1.1\n", { "content-type": "text/plain; charset=utf-8" }, "?offline=1"),
    );
    assertEquals(text.map((line) => line.ip_address), ["8.8.8.8", "1.1.1.1"]);
    const packed = new Blob(["8.8.8.8\n"]).stream().pipeThrough(new CompressionStream("gzip"));
    const bytes = await new Response(packed).arrayBuffer();
    const gzip = await readLines(
      await post(bytes, { "content-type": "text/plain", "content-encoding": "gzip" }),
    );
    assertEquals(gzip.map((line) => line.ip_address), ["8.8.8.8"]);
    const empty = await post("", NDJSON);
    assertEquals([empty.status, await empty.text()], [200, ""]);
  });

  await t.step("problems for what can't be read at all", async () => {
    const cases: readonly [
      body: string,
      headers: Record<string, string>,
      query: string,
      status: number,
      quoted: string,
    ][] = [
      ["8.8.8.8", { "content-type": "text/csv" }, "", 415, '"text/csv"'],
      ["8.8.8.8", { "content-type": "text/plain", "content-encoding": "br" }, "", 415, '"br"'],
      ['"8.8.8.8"', { "content-type": "application/json" }, "", 400, '\\"8.8.8.8\\"'],
      ["8.8.8.8", { "content-type": "text/plain" }, "?sources=maxmind,whois", 400, '"maxmind,whois"'],
      ["8.8.8.8", { "content-type": "text/plain" }, "?refresh=yes", 400, '"yes"'],
      ["8.8.8.8", { "content-type": "text/plain" }, "?offline=1&refresh=1", 400, "give one of them"],
    ];
    for (const [body, headers, query, status, quoted] of cases) {
      const response = await post(body, headers, query);
      const problem = await response.json();
      assertEquals([response.status, response.headers.get("content-type")], [
        status,
        "application/problem+json",
      ]);
      assertStringIncludes(problem.detail, quoted);
    }
  });

  await t.step("a body that ends too soon is not mistaken for a whole one", async () => {
    const elements = Array.from({ length: 200 }, (_, i) => `"10.0.0.${i}"`).join(",");
    const lines = await readLines(await post(`[${elements}`, { "content-type": "application/json" }));
    const last = lines.at(-1);
    assertEquals([last?.input, last?.error?.code], [undefined, "BAD_USAGE"]);
  });

  await t.step("a block that is too large is an error in its place", async () => {
    const [large, next] = await readLines(
      await post("10.0.0.0/15\n8.8.8.8", { "content-type": "text/plain" }),
    );
    assertEquals([large?.error?.code, next?.ip_address], ["RANGE_TOO_LARGE", "8.8.8.8"]);
  });
});

/** A request that is written by hand, so that it can stop anywhere. */
async function openRequest(address: string, path = "/v1/ips") {
  const { hostname, port } = new URL(address);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const encoder = new TextEncoder();
  const decoder = new TextDecoder();
  const writer = connection.writable.getWriter();
  const reader = connection.readable.getReader();
  let received = "";
  await writer.write(encoder.encode(
    `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n`,
  ));
  return {
    send: (text: string) => writer.write(encoder.encode(`${text.length.toString(16)}\r\n${text}\r\n`)),
    end: () => writer.write(encoder.encode("0\r\n\r\n")),
    /** Reads until the answer has this text in it, or ends. */
    readUntil: async (text: string) => {
      while (!received.includes(text)) {
        const { done, value } = await reader.read();
        if (done) break;
        received += decoder.decode(value, { stream: true });
      }
      return received;
    },
    close: () => connection.close(),
    [Symbol.dispose]: () => {
      try {
        connection.close();
      } catch {
        // It is closed already.
      }
    },
  };
}

Deno.test("POST /v1/ips answers while the body is still being sent", async () => {
  await using world = await openApiWorld();
  using request = await openRequest(world.address);
  await request.send("8.8.8.8\n");
  assertStringIncludes(await request.readUntil('"8.8.8.8"'), "200 OK");
  await request.send("1.1.1.1\n");
  assertStringIncludes(await request.readUntil('"1.1.1.1"'), '"ip_address":"1.1.1.1"');
});

type World = Awaited<ReturnType<typeof openApiWorld>>;

Deno.test("POST /v1/ips asks nobody for a client that is gone", async (t) => {
  await using server = await openPostgresServer();
  await using world = await openApiWorld({ env: { DATABASE_URL: await server.createDatabase() } });
  world.lab.setFault("greynoise", { kind: "delay", ms: 100 });
  const addressesOf = (net: number) =>
    Array.from({ length: 2_000 }, (_, i) => `5.${net}.${i >> 8}.${i & 255}\n`).join("");

  await t.step("with half a body sent", async () => {
    using request = await openRequest(world.address);
    await request.send(addressesOf(1));
    await untilAsked(world, 3);
    request.close();
    await assertQuiet(world);
  });
  await t.step("with the whole body sent", async () => {
    using request = await openRequest(world.address);
    await request.send(addressesOf(2));
    await request.end();
    await untilAsked(world, 3);
    request.close();
    await assertQuiet(world);
  });
  await t.step("with some answers read", async () => {
    using request = await openRequest(world.address);
    await request.send(addressesOf(3));
    await request.readUntil('"ip_address"');
    await untilAsked(world, 3);
    request.close();
    await assertQuiet(world);
  });
});

async function untilAsked({ lab }: World, more: number): Promise<void> {
  const before = lab.requests.greynoiseRequests;
  while (lab.requests.greynoiseRequests < before + more) await pass(10);
}

/** No request comes later than a second from now. */
async function assertQuiet({ lab }: World): Promise<void> {
  await pass(1_000);
  const before = lab.requests.greynoiseRequests;
  await pass(500);
  assertEquals(lab.requests.greynoiseRequests, before);
}

function pass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
