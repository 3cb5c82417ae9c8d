import { assert, assertEquals } from "@std/assert";
import { MS_PER_DAY } from "@ipcascade/core";
import { enrichSessions, type ImportReport, importSessions, type LogBlock } from "@ipcascade/operations";
import {
  COWRIE_ADDRESSES,
  COWRIE_LOG_TOTALS,
  COWRIE_LOG_URL,
  truthOf,
  writeCowrieLog,
} from "@ipcascade/testkit";
import { readFile } from "node:fs/promises";
import { type CascadeWorld, openCascadeWorld, readEditions } from "./cascade_world.ts";

const LOG = (await readFile(COWRIE_LOG_URL, "utf8")).split("\n").filter((line) => line !== "");

async function* blocksOf(lines: readonly string[], size = 97): AsyncGenerator<LogBlock> {
  const encoder = new TextEncoder();
  for (let start = 0; start < lines.length; start += size) {
    const text = lines.slice(start, start + size).join("\n");
    yield { name: "cowrie.json", isFirst: start === 0, bytes: encoder.encode(`${text}\n`) };
    await Promise.resolve();
  }
}

function importLines(world: CascadeWorld, lines: readonly string[], size?: number): Promise<ImportReport> {
  const limits = { batchSessions: 40, maxOpen: 50, maxEvents: 20 };
  return importSessions(blocksOf(lines, size), world.deps, { limits });
}

/** Everything an import writes, and nothing else. */
async function dumpImport(world: CascadeWorld): Promise<unknown> {
  const sessions = await world.sql.query<{ row: string }>(
    `select (to_jsonb(s) - 'created_at' - 'updated_at')::text as row from sessions s order by session_id`,
  );
  const activity = await world.sql.query(
    `select host(ip_address) as ip, observation_count::int as count, first_seen_at::text as first,
      last_seen_at::text as last from ip_inventory order by ip_address`,
  );
  return { sessions: sessions.map(({ row }) => JSON.parse(row)), activity };
}

async function sumSessions(world: CascadeWorld) {
  const [sums] = await world.sql.query<Record<string, number>>(
    `select count(*)::int as sessions, count(distinct source_ip)::int as addresses, sum(login_attempts)::int as logins,
      sum(commands)::int as commands, sum(downloads)::int as downloads from sessions`,
  );
  return sums;
}

Deno.test("importSessions() counts the log's totals, and importing it again changes nothing", async () => {
  await using world = await openCascadeWorld();
  const first = await importLines(world, LOG);
  const { lines, ...totals } = COWRIE_LOG_TOTALS;
  assertEquals([first.lines, first.events, first.badLines, first.newSessions], [
    lines,
    lines,
    0,
    totals.sessions,
  ]);
  assertEquals(await sumSessions(world), totals);
  const before = await dumpImport(world);
  const again = await importLines(world, LOG, 31);
  assertEquals([again.newSessions, again.changedSessions, again.newAddresses], [0, 0, 0]);
  assertEquals(await dumpImport(world), before);
});

const PARTS: readonly [label: string, parts: readonly (readonly [from: number, to: number])[]][] = [
  ["a log that grew", [[0, 900], [0, 1_800], [0, LOG.length]]],
  ["a log cut in two", [[0, 1_111], [1_111, LOG.length]]],
  ["parts in the wrong order", [[1_111, LOG.length], [0, 1_111]]],
  ["parts that overlap", [[0, 1_500], [700, 2_000], [1_900, LOG.length], [300, 400]]],
];

Deno.test("importSessions() leaves the same sessions and activity, however the log comes in parts", async (t) => {
  const whole = await (async () => {
    await using world = await openCascadeWorld();
    await importSessions(blocksOf(LOG), world.deps);
    return await dumpImport(world);
  })();
  for (const [label, parts] of PARTS) {
    await t.step(label, async () => {
      await using world = await openCascadeWorld();
      for (const [from, to] of parts) await importLines(world, LOG.slice(from, to));
      assertEquals(withoutStretches(await dumpImport(world)), withoutStretches(whole));
    });
  }
});

Deno.test("importSessions() counts what several logs of one import tell again once", async () => {
  const { lines: _, ...totals } = COWRIE_LOG_TOTALS;
  const shared = LOG.findIndex((line, index) => index > 1_000 && line.includes("cowrie.login.failed"));
  const imports: readonly [label: string, blocks: () => AsyncIterable<LogBlock>][] = [
    ["a part, then the whole", () => named([["a", LOG.slice(0, 1_500)], ["b", LOG]])],
    ["the whole, then a part", () => named([["a", LOG], ["b", LOG.slice(600)]])],
    ["parts that overlap", () => named([["a", LOG.slice(0, 1_500)], ["b", LOG.slice(800)]])],
    ["parts that share one event", () => named([["a", LOG.slice(0, shared + 1)], ["b", LOG.slice(shared)]])],
    ["one log that is named twice", () => named([["a", LOG], ["a", LOG]])],
    ["copies strung together", () => blocksOf([...LOG.slice(0, 1_500), ...LOG, ...LOG])],
  ];
  for (const [label, blocks] of imports) {
    await using world = await openCascadeWorld();
    await importSessions(blocks(), world.deps);
    assertEquals(await sumSessions(world), totals, label);
  }
});

async function* named(logs: readonly (readonly [name: string, lines: readonly string[]])[]) {
  for (const [name, lines] of logs) {
    for await (const block of blocksOf(lines)) yield { ...block, name };
  }
}

/** A session that came in parts is covered by several stretches, which is no difference to anybody. */
function withoutStretches(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, (name, part) => name === "covered" ? undefined : part));
}

Deno.test("importSessions() tells each line that is no event, with its place, and imports the others", async () => {
  await using world = await openCascadeWorld();
  const noisy = [...writeCowrieLog({ sessions: 60, withNoise: true })].map((line) => line.trimEnd());
  const problems: string[] = [];
  const report = await importSessions(blocksOf(noisy), world.deps, {
    onProblem: (text) => problems.push(text),
  });
  assert(report.badLines > 0);
  assertEquals([problems.length, report.lines - report.badLines], [report.badLines, report.events]);
  for (const problem of problems) {
    const line = Number(/"cowrie\.json", line (\d+)\)$/.exec(problem)?.[1]);
    assert(problem.includes(JSON.stringify(noisy[line - 1]!).slice(1, 20)), problem);
  }
});

Deno.test("enrichSessions() writes each snapshot once: an ASN that moves later changes none", async () => {
  await using world = await openCascadeWorld({ greynoisePerSecond: 5_000 });
  await importLines(world, LOG);
  const first = await enrichSessions(world.deps, { ids: null });
  assertEquals([first.pending, first.snapshots, first.waiting], [320, 320, 0]);
  const snapshots = () =>
    world.sql.query<{ id: string; ip: string; asn: number | null; country: string | null; at: string }>(
      `select session_id as id, host(source_ip) as ip, snapshot_asn::int as asn, snapshot_country as country,
        snapshot_at::text as at from sessions order by session_id`,
    );
  const before = await snapshots();
  for (const { ip, asn, country } of before) {
    const truth = truthOf(ip);
    assertEquals([asn, country], [truth.asnNumber, truth.countryCode], ip);
  }
  assertEquals(world.lab.requests.cymruSingles, 0);
  assert(world.lab.requests.greynoiseRequests < COWRIE_ADDRESSES.length, "each address once");

  world.clock.move(MS_PER_DAY);
  world.install(readEditions({
    buildEpoch: Date.UTC(2026, 10, 27) / 1000,
    change: (entry) => ({ ...entry, asn: { number: 64_500, org: "MOVED" } }),
  }));
  world.lab.requests.reset();
  const second = await enrichSessions(world.deps, { ids: null });
  assertEquals([second.pending, second.snapshots, second.enrichment.asked], [0, 0, 0]);
  const ids = before.slice(0, 20).map(({ id }) => id);
  await enrichSessions(world.deps, { ids });
  await world.enrich([...new Set(before.map(({ ip }) => ip))], { sources: ["maxmind"] });
  const [moved] = await world.sql.query<{ count: number }>(
    "select count(*)::int as count from ip_inventory where asn_number = 64500",
  );
  assert(moved!.count > 100, "the inventory itself has moved on");
  assertEquals(await snapshots(), before);
});

Deno.test("enrichSessions() leaves sessions whose address has no definite answer to the next run", async () => {
  await using world = await openCascadeWorld({ timeoutMs: 200, greynoisePerSecond: 5_000 });
  world.lab.setFault("cymruWhois", { kind: "drop" });
  world.lab.setFault("cymruDns", { kind: "drop" });
  await importLines(world, LOG);
  const first = await enrichSessions(world.deps, { ids: null, sources: ["maxmind", "cymru"] });
  assert(first.waiting > 0 && first.snapshots > 0);
  assertEquals(first.snapshots + first.waiting, 320);
  world.lab.clearFaults();
  world.clock.move(MS_PER_DAY);
  const second = await enrichSessions(world.deps, { ids: null, sources: ["maxmind", "cymru"] });
  assertEquals([second.pending, second.snapshots, second.waiting], [first.waiting, first.waiting, 0]);
});

Deno.test("enrichSessions() takes the sessions that are named, and tells those it does not know", async () => {
  await using world = await openCascadeWorld();
  await importLines(world, LOG.slice(0, 400));
  const [one, two] = await world.sql.query<{ id: string }>(
    "select session_id as id from sessions order by session_id limit 2",
  );
  const report = await enrichSessions(world.deps, {
    ids: [one!.id, "nobody", two!.id, one!.id],
    sources: ["maxmind"],
  });
  assertEquals([report.pending, report.unknown], [2, ["nobody"]]);
});
