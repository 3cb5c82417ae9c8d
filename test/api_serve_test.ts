import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect, type Socket } from "node:net";
import { openCliWorld, spawnCli } from "./run_cli.ts";

/** Starts `serve` and waits for its address; what it wrote can be asked for at any time. */
async function startServer(env: Readonly<Record<string, string>>) {
  const child = spawnCli(["serve"], { ...env, PORT: "0" }, "null");
  let written = "";
  const address = Promise.withResolvers<string>();
  const reading = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      written += text;
      const found = /http:\/\/[\d.]+:\d+/.exec(written);
      if (found !== null) address.resolve(found[0]);
    }
    address.reject(new Error(`It did not listen: ${written}`));
  })();
  address.promise.catch(() => {});
  return {
    child,
    reading,
    address: await address.promise,
    written: () => written,
  };
}

/** A request for a stream whose body stays unfinished, so that it is in flight until it is given up. */
async function holdRequest(address: string): Promise<Socket> {
  const { hostname, port } = new URL(address);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  await new Promise<void>((resolve) => socket.once("connect", resolve));
  socket.write(
    `POST /v1/ips?offline=1 HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: text/plain\r\n` +
      "transfer-encoding: chunked\r\n\r\n8\r\n8.8.8.8\n\r\n",
  );
  // It is in flight once its answer began.
  await new Promise<void>((resolve) => socket.once("data", () => resolve()));
  return socket;
}

Deno.test("serve finishes what is in flight at SIGTERM, gives up in time and ends with 143", async () => {
  await using world = await openCliWorld();
  const { child, address, written, reading } = await startServer(world.env);
  assertEquals((await (await fetch(`${address}/livez`)).json()).status, "alive");
  const socket = await holdRequest(address);
  const started = performance.now();
  child.kill("SIGTERM");
  const { code } = await child.status;
  const seconds = (performance.now() - started) / 1_000;
  await reading;
  socket.destroy();
  assertEquals(code, 143, written());
  assert(seconds > 4 && seconds < 10, `${seconds} s`);
  assertStringIncludes(written(), "in_flight=1");
  assertStringIncludes(written(), "requests in flight");
  await child.stdout.cancel();
});

Deno.test("serve gives up at the second signal at once", async () => {
  await using world = await openCliWorld();
  const { child, address, reading } = await startServer(world.env);
  const socket = await holdRequest(address);
  const started = performance.now();
  child.kill("SIGINT");
  await new Promise((resolve) => setTimeout(resolve, 300));
  child.kill("SIGINT");
  const { code } = await child.status;
  await reading;
  socket.destroy();
  assertEquals(code, 130);
  assert(performance.now() - started < 4_000);
  await child.stdout.cancel();
});

Deno.test("serve refuses other places than loopback without tokens, before anything is opened", async () => {
  await using world = await openCliWorld();
  const { code, stderr } = await world.run(["serve"], { env: { HOST: "0.0.0.0" } });
  assertEquals(code, 2, stderr);
  assertStringIncludes(stderr, 'Cannot listen on "0.0.0.0" without tokens');
  assertEquals(await Deno.stat(world.dir.join("data")).then(() => true, () => false), false);
});
