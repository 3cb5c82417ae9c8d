import { UsageError } from "@ipcascade/core";
import { openLab } from "@ipcascade/testkit/lab";
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Socket } from "node:net";
import process from "node:process";
import { assertTellsNone, CITY, fetchEdition, openLabMaxmind, refusalOf } from "./_test_lab_editions.ts";
import { createDownloadFetch } from "./download_fetch.ts";

const USER = "us er";
const PASSWORD = "p:w/0815";
const AUTHORIZATION = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString("base64")}`;
const CREDENTIALS = `${encodeURIComponent(USER)}:${encodeURIComponent(PASSWORD)}@`;

interface TestProxy extends AsyncDisposable {
  /** `host:port`. */
  readonly host: string;
  /** What it was asked to do. */
  readonly log: string[];
}

async function listen(
  server: Server | ReturnType<typeof createTcpServer>,
  log: string[],
): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    log,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** An http proxy that passes on absolute addresses and makes tunnels, for those who know the password. */
function openHttpProxy(): Promise<TestProxy> {
  const log: string[] = [];
  const isAllowed = ({ headers }: IncomingMessage) => headers["proxy-authorization"] === AUTHORIZATION;
  const server = createServer((incoming, response) => {
    if (!isAllowed(incoming)) return void response.writeHead(407).end("no");
    log.push(`${incoming.method} ${incoming.url}`);
    const { "proxy-authorization": _, ...headers } = incoming.headers;
    const outgoing = request(incoming.url!, { method: incoming.method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    incoming.pipe(outgoing);
  });
  server.on("connect", (incoming: IncomingMessage, socket: Socket) => {
    socket.on("error", () => {});
    if (!isAllowed(incoming)) return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    log.push(`CONNECT ${incoming.url}`);
    const [host = "", port = ""] = incoming.url!.split(":");
    join(socket, connect(Number(port), host), "HTTP/1.1 200 OK\r\n\r\n");
  });
  return listen(server, log);
}

/** A SOCKS5 proxy with user and password (RFC 1928, RFC 1929). */
function openSocksProxy(): Promise<TestProxy> {
  const log: string[] = [];
  const server = createTcpServer((socket) => {
    let step = 0;
    socket.on("data", function onData(data: Buffer) {
      step++;
      if (step === 1) return void socket.write(Uint8Array.of(5, 2));
      if (step === 2) {
        const [user, password] = [data.subarray(2, 2 + data[1]!), data.subarray(3 + data[1]!)];
        const isAllowed = `${user}:${password}` === `${USER}:${PASSWORD}`;
        return void socket.write(Uint8Array.of(1, isAllowed ? 0 : 1));
      }
      socket.off("data", onData);
      const host = data[3] === 1 ? data.subarray(4, 8).join(".") : data.subarray(5, 5 + data[4]!).toString();
      const port = data.readUInt16BE(data.length - 2);
      log.push(`SOCKS ${host}:${port}`);
      join(socket, connect(port, host), Uint8Array.of(5, 0, 0, 1, 0, 0, 0, 0, 0, 0));
    });
  });
  return listen(server, log);
}

function join(socket: Socket, target: Socket, greeting: string | Uint8Array): void {
  target.on("error", () => socket.destroy());
  target.on("connect", () => {
    socket.write(greeting);
    target.pipe(socket);
    socket.pipe(target);
  });
}

Deno.test("createDownloadFetch() fetches without a proxy", async () => {
  await using lab = await openLab();
  await using direct = createDownloadFetch({ proxy: null });
  await fetchEdition(openLabMaxmind(lab, { fetch: direct.fetch }));
});

Deno.test("createDownloadFetch() sends plain http through an http proxy in absolute form, with its password", async () => {
  await using lab = await openLab();
  await using proxy = await openHttpProxy();
  await using proxied = createDownloadFetch({ proxy: `http://${CREDENTIALS}${proxy.host}` });
  const { bytes } = await fetchEdition(openLabMaxmind(lab, { fetch: proxied.fetch }));
  assertEquals(bytes.length > 1_000, true);
  assertEquals(proxy.log.length, 3);
  assertMatch(proxy.log[0]!, /^GET http:\/\/127\.0\.0\.1:\d+\/geoip\/updates\/metadata\?/);
  assertMatch(proxy.log[2]!, /^GET http:\/\/127\.0\.0\.1:\d+\/editions\//);
  assertEquals(lab.requests.objectStoreLeaks, 0);
});

Deno.test("createDownloadFetch() opens a tunnel for https", async () => {
  await using proxy = await openHttpProxy();
  await using target = await listen(createServer(), []);
  await using proxied = createDownloadFetch({ proxy: `http://${CREDENTIALS}${proxy.host}` });
  // The target speaks no TLS: that the tunnel was made is what counts.
  await assertRejects(() => proxied.fetch(`https://${target.host}/`));
  assertEquals(proxy.log, [`CONNECT ${target.host}`]);
});

Deno.test("createDownloadFetch() goes through a SOCKS5 proxy, which looks the names up", async () => {
  await using lab = await openLab();
  await using proxy = await openSocksProxy();
  await using proxied = createDownloadFetch({ proxy: `socks5://${CREDENTIALS}${proxy.host}` });
  const GEOIPUPDATE_HOST = lab.env.GEOIPUPDATE_HOST.replace("127.0.0.1", "localhost");
  await openLabMaxmind({ env: { ...lab.env, GEOIPUPDATE_HOST } }, { fetch: proxied.fetch })
    .findRelease(CITY, { installed: null });
  assertEquals(proxy.log, [`SOCKS ${GEOIPUPDATE_HOST.replace("http://", "")}`]);
});

for (const [scheme, open] of [["http", openHttpProxy], ["socks5", openSocksProxy]] as const) {
  Deno.test(`a provider is refused by a proxy of ${scheme} that wants another password, and tells none`, async () => {
    await using lab = await openLab();
    await using proxy = await open();
    await using proxied = createDownloadFetch({ proxy: `${scheme}://u:wrong0815@${proxy.host}` });
    const provider = openLabMaxmind(lab, { fetch: proxied.fetch });
    const error = await refusalOf(provider.findRelease(CITY, { installed: null }));
    assertEquals([error.failure, error.isRetryable], ["unauthorized", false], error.message);
    assertMatch(error.message, /: the proxy /);
    assertTellsNone(error, ["wrong0815", btoa("u:wrong0815")]);
    assertEquals(lab.requests.of("maxmind"), []);
  });

  Deno.test(`a provider knows that no proxy of ${scheme} listens`, async () => {
    await using lab = await openLab();
    const { host } = await openThenClose(open);
    await using proxied = createDownloadFetch({ proxy: `${scheme}://u:secret0815@${host}` });
    const provider = openLabMaxmind(lab, { fetch: proxied.fetch });
    const error = await refusalOf(provider.findRelease(CITY, { installed: null }));
    assertMatch(error.message, /: the connection was refused$/);
    assertTellsNone(error, ["secret0815"]);
  });
}

async function openThenClose(open: () => Promise<TestProxy>): Promise<TestProxy> {
  await using proxy = await open();
  return proxy;
}

Deno.test("createDownloadFetch() is ended while a proxied server is silent", async () => {
  await using lab = await openLab({ faults: { maxmind: { kind: "drop" } } });
  await using proxy = await openHttpProxy();
  await using proxied = createDownloadFetch({ proxy: `http://${CREDENTIALS}${proxy.host}` });
  const provider = openLabMaxmind(lab, { fetch: proxied.fetch, idleMs: 150 });
  const error = await refusalOf(provider.findRelease(CITY, { installed: null }));
  assertMatch(error.message, /nothing came for 0\.15 s$/);
});

Deno.test({
  name: "createDownloadFetch() says on Bun that it can't use SOCKS5",
  ignore: process.versions.bun === undefined,
  fn: () => {
    assertThrows(
      () => createDownloadFetch({ proxy: "socks5://127.0.0.1:1080" }),
      UsageError,
      "not socks5://",
    );
  },
});
