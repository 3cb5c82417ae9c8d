import { type CowrieEvent, type CowrieSession, inventEvents } from "./cowrie_events.ts";
import { FakeRandom } from "./fake_random.ts";
import { LOCAL_ADDRESSES, WORLD } from "./world.ts";

/** What log to make up. */
export interface CowrieLogOptions {
  /** Equal seeds give equal logs. Default 1. */
  readonly seed?: number;
  /** Default 320; `Infinity` for a log without end. */
  readonly sessions?: number;
  /** Default 2026-11-20T00:00:00Z. */
  readonly startAt?: Date;
  /** Who attacks; each appears once before any does twice. Default: a choice of the world and of local ones. */
  readonly addresses?: readonly string[];
  /** Which version of Cowrie wrote it. Default `mixed`. */
  readonly spelling?: "old" | "new" | "mixed";
  /** Whether lines that are no events are strewn in: blank, broken, and without an event. Default false. */
  readonly withNoise?: boolean;
}

/** What an import of a log must count. Addresses are canonical: `::ffff:1.2.3.4` counts as `1.2.3.4`. */
export interface CowrieTotals {
  /** Lines of the log. */
  readonly lines: number;
  /** Distinct session ids. */
  readonly sessions: number;
  /** Distinct source addresses. */
  readonly addresses: number;
  /** `cowrie.login.failed` and `cowrie.login.success`. */
  readonly logins: number;
  /** `cowrie.command.input`. */
  readonly commands: number;
  /** `cowrie.session.file_download`; failed ones and uploads are not among them. */
  readonly downloads: number;
}

/** The log in `testdata/cowrie.json`, made by `writeCowrieLog()` with default options. */
export const COWRIE_LOG_URL: URL = new URL("./testdata/cowrie.json", import.meta.url);

/** The totals of that log. */
export const COWRIE_LOG_TOTALS: CowrieTotals = {
  lines: 2_635,
  sessions: 320,
  addresses: 163,
  logins: 605,
  commands: 457,
  downloads: 130,
};

/** A choice of the world's addresses, every kind among them, and of local ones; in a fixed order. */
export const COWRIE_ADDRESSES: readonly string[] = [
  ...new FakeRandom(5).shuffle(WORLD.filter((_, index) => index % 3 !== 2).map(({ address }) => address)),
  ...LOCAL_ADDRESSES.slice(0, 3),
];

/** Makes up a log, line by line (each ends with `\n`), in the order of time; sessions overlap. */
export function* writeCowrieLog(options: CowrieLogOptions = {}): Generator<string> {
  const { sessions = 320, startAt = new Date("2026-11-20T00:00:00Z") } = options;
  const random = new FakeRandom(options.seed ?? 1);
  let waiting: Line[] = [];
  let now = startAt.getTime();
  for (let index = 0; index < sessions; index++) {
    const session = inventSession({ index, startedAt: now, options, random });
    waiting.push(...inventEvents(session, random).map((event) => ({ event, session })));
    waiting.sort((a, b) => a.event.at - b.event.at);
    now += random.below(20_000);
    const ready = waiting.findIndex(({ event }) => event.at > now);
    yield* spellAll(waiting.slice(0, ready < 0 ? waiting.length : ready), { random, options });
    waiting = ready < 0 ? [] : waiting.slice(ready);
  }
  yield* spellAll(waiting, { random, options });
}

interface Line {
  readonly event: CowrieEvent;
  readonly session: CowrieSession;
}

interface SessionStart {
  readonly index: number;
  readonly startedAt: number;
  readonly options: CowrieLogOptions;
  readonly random: FakeRandom;
}

function inventSession({ index, startedAt, options, random }: SessionStart): CowrieSession {
  const { addresses = COWRIE_ADDRESSES, spelling = "mixed" } = options;
  const address = addresses[index] ?? random.pick(addresses);
  // A sensor that listens on IPv6 as well sees IPv4 clients so.
  const isMapped = !address.includes(":") && random.next() < 0.02;
  const isOld = spelling === "old" || (spelling === "mixed" && index % 4 === 0);
  const id = (BigInt(random.uint32()) << 16n | BigInt(index & 0xffff)).toString(16).padStart(12, "0");
  return {
    session: isOld ? id.slice(4) : id,
    address: isMapped ? `::ffff:${address}` : address,
    startedAt,
    protocol: random.next() < 0.8 ? "ssh" : "telnet",
    isOld,
    isClosed: random.next() < 0.97,
  };
}

interface Spelling {
  readonly random: FakeRandom;
  readonly options: CowrieLogOptions;
}

function* spellAll(lines: readonly Line[], { random, options }: Spelling): Generator<string> {
  for (const line of lines) {
    if (options.withNoise && random.next() < 0.02) yield random.pick(NOISE);
    yield spell(line, random);
  }
}

const NOISE = [
  "\n",
  '{"eventid":"cowrie.login.failed","src_ip":"8.8.\n',
  "Traceback (most recent call last):\n",
  "null\n",
  "[]\n",
  '{"eventid":"cowrie.session.connect"}\n',
  '{"eventid":"cowrie.session.connect","session":"feedfacefeed","src_ip":"not-an-ip","timestamp":"2026-11-20"}\n',
];

function spell({ event, session }: Line, random: FakeRandom): string {
  // Python's clocks tell microseconds; versions before 2.0 repeat a few internals in every line.
  const timestamp = new Date(event.at).toISOString().replace(
    "Z",
    `${String(random.below(1000)).padStart(3, "0")}Z`,
  );
  const base = { src_ip: session.address, session: session.session, timestamp, sensor: "sensor-1" };
  const { eventid, fields } = event;
  if (!session.isOld) return `${JSON.stringify({ eventid, ...fields, ...base })}\n`;
  const system = `HoneyPotSSHTransport,${session.session.length},${session.address}`;
  const old = { ...base, isError: 0, system, eventid, ...fields };
  return `${JSON.stringify(random.next() < 0.5 ? old : reversed(old))}\n`;
}

function reversed(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).reverse());
}
