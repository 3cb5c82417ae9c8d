import { assert, assertEquals, assertRejects } from "@std/assert";
import { type BulkChunk, bulkLookUp } from "@ipcascade/operations";
import { buildEdition } from "@ipcascade/testkit";
import { openMmdb } from "@ipcascade/sources";
import type { ServingPair } from "../watched_maxmind.ts";
import { bulkDeps, openEditions } from "./_test_lines.ts";
import { BulkRun, type BulkRunDeps } from "./bulk_run.ts";

const LINES_PER_CHUNK = 300;
const CHUNKS = 40;
const encoder = new TextEncoder();

function pairOf(buildEpoch?: number): ServingPair {
  const edition = (id: "GeoLite2-City" | "GeoLite2-ASN") => {
    const bytes = buildEdition(id, { buildEpoch });
    return { bytes, database: openMmdb(bytes) };
  };
  return { city: edition("GeoLite2-City"), asn: edition("GeoLite2-ASN") };
}

/** Chunks in which every line is another one, with blocks and garbage among them. */
async function* chunksOf(
  count = CHUNKS,
  onChunk: (index: number) => unknown = () => {},
): AsyncGenerator<BulkChunk> {
  for (let index = 0; index < count; index++) {
    await onChunk(index);
    const firstLine = index * LINES_PER_CHUNK + 1;
    const lines = Array.from({ length: LINES_PER_CHUNK }, (_, i) => lineOf(firstLine + i));
    yield { kind: "lines", name: "n", firstLine, bytes: encoder.encode(lines.join("\n")) };
  }
}

function lineOf(line: number): string {
  if (line % 50 === 0) return "8.8.8.0/25";
  return line % 7 === 0 ? `x${line}` : `8.${line >> 16}.${(line >> 8) & 255}.${line & 255}`;
}

/** What does not depend on the hour. */
function timeless(text: string): string {
  return text.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "T").replace(/"duration_ms":[\d.]+/g, '"duration_ms":0');
}

async function expected(): Promise<string> {
  const engine = bulkLookUp(bulkDeps(openEditions(), "ndjson"));
  let text = "";
  for await (const chunk of chunksOf()) {
    for (const { bytes } of engine.process(chunk)) text += new TextDecoder().decode(bytes);
  }
  return timeless(text);
}

/** Gives the chunks in memory that is written over when the next one is asked for, as readers of logs do. */
async function* inOneMemory(chunks: AsyncIterable<BulkChunk>): AsyncGenerator<BulkChunk> {
  const memory = new Uint8Array(64 * 1024);
  for await (const chunk of chunks) {
    if (chunk.kind !== "lines") throw new TypeError("items");
    memory.set(chunk.bytes);
    yield { ...chunk, bytes: memory.subarray(0, chunk.bytes.length) };
    memory.fill(0);
  }
}

interface Written {
  text: string;
  readonly broken: string[];
}

function prepare(deps: Partial<BulkRunDeps> = {}): { readonly run: BulkRun; readonly written: Written } {
  const written: Written = { text: "", broken: [] };
  const pair = pairOf();
  const run = new BulkRun({
    spec: { name: "look_up", format: "ndjson" },
    editions: () => pair,
    workers: 2,
    stop: new AbortController().signal,
    write: (bytes) => Promise.resolve(void (written.text += new TextDecoder().decode(bytes))),
    isGone: () => false,
    onProgress: () => {},
    onBroken: (error) => void written.broken.push(error.message),
    relieve: () => {},
    bytesBeforeWorkers: 1,
    waitsForWorkers: true,
    ...deps,
  });
  return { run, written };
}

Deno.test("BulkRun writes in order what threads give, counts it once, and passes on what serves from then on", async () => {
  const epochs = [1_790_000_000, 1_790_086_400];
  const pairs = epochs.map((epoch) => pairOf(epoch));
  let serving = pairs[0]!;
  const { run, written } = prepare({ editions: () => serving });
  await run.work(chunksOf(CHUNKS, (index) => void (serving = pairs[index < 10 ? 0 : 1]!)));
  assert(timeless(written.text) === await expected(), "same bytes");
  assertEquals(written.broken, []);
  const { inputs, invalid, sources } = run.summary();
  const records = written.text.trimEnd().split("\n");
  assertEquals([inputs, invalid], [
    records.length,
    records.filter((line) => line.includes('"error"')).length,
  ]);
  assertEquals(sources.maxmind.hit, records.filter((line) => line.includes('"outcome":"hit"')).length);
  const builds = [...written.text.matchAll(/"database_build":"([^"]+)"/g)].map(([, build]) => build!);
  assertEquals([...new Set(builds)], epochs.map((epoch) => new Date(epoch * 1_000).toISOString()));
  assertEquals(builds, builds.toSorted());
});

Deno.test("BulkRun loses and repeats nothing when its threads die or do not start", async () => {
  const text = await expected();
  for (const module of ["./_test_dying_worker.ts", "./no_such_module.ts"]) {
    const { run, written } = prepare({ workerModule: new URL(module, import.meta.url) });
    await run.work(chunksOf());
    assert(timeless(written.text) === text, module);
    assertEquals(written.broken.length, 1, module);
    assertEquals(run.summary().inputs, text.trimEnd().split("\n").length, module);
  }
});

Deno.test("BulkRun tells that writing failed, and ends when nobody reads any more", async () => {
  let writes = 0;
  const failing = prepare({
    write: () => ++writes < 3 ? Promise.resolve() : Promise.reject(new Error("no space")),
  });
  await assertRejects(() => failing.run.work(chunksOf()), Error, "no space");
  const left = prepare({ isGone: () => left.written.text !== "" });
  let read = 0;
  await left.run.work(chunksOf(1_000, () => read++));
  assert(read < 100, `read on for ${read} chunks`);
});

Deno.test("BulkRun finishes what it has at hand when it is stopped", async () => {
  const stopping = new AbortController();
  const { run, written } = prepare({ stop: stopping.signal });
  const chunks = async function* () {
    for await (const chunk of chunksOf()) {
      yield chunk;
      if (written.text.length > 1_000_000) return stopping.abort();
    }
  };
  await run.work(chunks());
  const text = await expected();
  const some = timeless(written.text);
  assert(some.length < text.length && text.startsWith(some) && some.endsWith("\n"));
  assertEquals(run.summary().stopped, true);
});

Deno.test("BulkRun annotates with several threads as with one", async () => {
  const annotate = async (workers: number) => {
    const { run, written } = prepare({ spec: { name: "annotate" }, workers });
    await run.work(inOneMemory(chunksOf()));
    return [written.text, run.summary().inputs, run.summary().asked];
  };
  const alone = await annotate(1);
  assertEquals(await annotate(2), alone);
  assertEquals(alone[1], CHUNKS * LINES_PER_CHUNK);
});
