import { createMaxmindProvider } from "@ipcascade/sources";
import { writeTar } from "@ipcascade/testkit";
import { assertEquals, assertLess } from "@std/assert";
import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { CITY } from "./_test_lab_editions.ts";
import { realClock } from "./_test_lab_sources.ts";
import { gunzip } from "./gunzip.ts";

const MIB = 1_048_576;
const SIZE = 50 * MIB;

/** The archive of a database of 50 MiB, written as it is read. */
function streamArchive(): ReadableStream<Uint8Array> {
  const header = writeTar([{ name: "GeoLite2-City_20261120/GeoLite2-City.mmdb", claimedSize: SIZE }])
    .subarray(0, 512);
  // Longer than what gzip looks back, so that it stays as large as it is.
  const block = Uint8Array.from(
    { length: MIB },
    (_, index) => Math.imul(index ^ (index >>> 7), 2_654_435_761) >>> 24,
  );
  let written = -1;
  const tar = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (written < 0) controller.enqueue(header);
      else if (written < SIZE) controller.enqueue(block.slice());
      else {
        controller.enqueue(new Uint8Array(1_024));
        controller.close();
      }
      written += written < 0 ? 1 : MIB;
    },
  }, { highWaterMark: 0 });
  return tar.pipeThrough(new CompressionStream("gzip") as ReadableWritablePair<Uint8Array, Uint8Array>);
}

function memoryInUse(collect: () => void): number {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

Deno.test("createMaxmindProvider() keeps little of a large database in memory, even for a slow sink", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const headers = { "last-modified": "Fri, 20 Nov 2026 00:00:00 GMT" };
  const provider = createMaxmindProvider({
    fetch: () =>
      Promise.resolve(new Response(streamArchive() as ReadableStream<Uint8Array<ArrayBuffer>>, { headers })),
    gunzip,
    clock: realClock,
    host: "https://updates.example",
    accountId: "1",
    licenseKey: "key",
  });
  const release = { ...CITY, file: "x", release: "x", date: "2026-11-20", md5: null, sha256: null };
  const before = memoryInUse(collect);
  let received = 0;
  let seen = 0;
  let peak = 0;
  await provider.download(release, async (chunk) => {
    received += chunk.length;
    if (received - seen < 2 * MIB) return;
    seen = received;
    // Long enough for whatever does not wait to pile up.
    await realClock.sleep(5);
    peak = Math.max(peak, memoryInUse(collect) - before);
  });
  assertEquals(received, SIZE);
  assertLess(peak, 8 * MIB);
});
