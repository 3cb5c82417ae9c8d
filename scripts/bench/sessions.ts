import { CowrieLogReader } from "@ipcascade/operations";
import { fileSource, readBlocks } from "@ipcascade/platform";
import { writeCowrieLog } from "@ipcascade/testkit";

import { sizeOf } from "./framework/files.ts";
import type { BenchInputs } from "./framework/inputs.ts";
import { commandLine, runProgram } from "./framework/processes.ts";
import { measureRate, takeTurns } from "./framework/runner.ts";
import type { Scenario } from "./framework/scenario.ts";

const LOG_BYTES = 1_000_000_000;
/** Large, for reading is no part of what is measured. */
const CHUNK_BYTES = 1 << 20;
const OURS = "bytes to Cowrie events";
const PARSE = "JSON.parse of each line";
const IMPORT = "sessions import, whole process";
const PEAK = "peak of sessions import";
const BOUND = "bound on memory";
const BOUND_MB = 450;

/** Reading a honeypot's log into events, against JSON.parse of its lines. */
export const benchSessions: Scenario = {
  name: "sessions",
  measures: "lines a second of a Cowrie log from bytes to events, and of `sessions import` as a whole",
  rounds: 3,
  contests: [
    { ours: OURS, reference: PARSE, bar: 2.5 },
    { ours: IMPORT, reference: PARSE, bar: null },
    { ours: PEAK, reference: BOUND, bar: 1, unit: "MB" },
  ],
  async prepare(inputs) {
    const { dir: editions } = await inputs.editions();
    const { path, lines } = await writeLog(inputs);
    const known = await countEvents(path);
    const parsed = parseLines(path);
    if (known !== parsed) throw new Error(`${known} events in ${parsed} lines`);
    const round = takeTurns({
      [OURS]: () => measureRate(lines, () => countEvents(path)),
      [PARSE]: () => measureRate(lines, () => parseLines(path)),
    });
    return {
      conditions: [
        `${lines} lines, ${Math.round(await sizeOf(path) / 1e6)} MB in the page cache, old and new spelling`,
        "the whole import into the embedded database, a new one each round",
      ],
      round: async (context) => {
        const figures = await round(context);
        context.check();
        context.tell(IMPORT);
        const data = inputs.join(`data-sessions-${context.index}`);
        const program = commandLine(["sessions", "import", path, "--quiet"], { editions, data });
        const { seconds, peakMb } = await runProgram(program);
        await Deno.remove(data, { recursive: true });
        return { ...figures, [IMPORT]: lines / seconds, [PEAK]: peakMb, [BOUND]: BOUND_MB };
      },
    };
  },
};

/** The product's way from the file to events. */
async function countEvents(path: string): Promise<number> {
  const reader = new CowrieLogReader();
  let events = 0;
  const sink = {
    take: () => {
      events++;
      return null;
    },
    refuse: () => {},
  };
  for await (const block of readBlocks([fileSource(path)])) reader.read(block, sink);
  return events;
}

/** The reference: text, lines, JSON.parse. */
function parseLines(path: string): number {
  const decoder = new TextDecoder();
  let [rest, objects] = ["", 0];
  const read = (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (typeof JSON.parse(line) === "object") objects++;
  };
  using file = Deno.openSync(path);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let size = file.readSync(buffer); size !== null; size = file.readSync(buffer)) {
    read(decoder.decode(buffer.subarray(0, size), { stream: true }));
  }
  read(`${decoder.decode()}${rest === "" ? "" : "\n"}`);
  return objects;
}

/** Writes the log, which is removed with the scenario: it is too large to be kept for others. */
async function writeLog(inputs: BenchInputs): Promise<{ readonly path: string; readonly lines: number }> {
  const path = inputs.join("cowrie.json");
  const limit = inputs.count(LOG_BYTES);
  inputs.tell(`writing a Cowrie log of ${Math.round(limit / 1e6)} MB`);
  inputs.resources.defer(() => Deno.remove(path));
  using file = await Deno.open(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  let [part, lines, written] = ["", 0, 0];
  const write = () => {
    const bytes = encoder.encode(part);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
    written += bytes.length;
    part = "";
  };
  for (const line of writeCowrieLog({ sessions: Infinity })) {
    part += line;
    lines++;
    if (part.length >= CHUNK_BYTES) write();
    if (written + part.length >= limit) break;
  }
  write();
  return { path, lines };
}
