import { recordFailure, takeTrial } from "@ipcascade/core";
import { createSqlCircuitStore } from "../circuit_store.ts";
import { createSqlInventoryStore } from "../inventory_store.ts";
import { createSqlJobRuns } from "../job_runs.ts";
import { createSqlQuotaLedger } from "../quota_ledger.ts";
import { createSqlRateLedger } from "../rate_ledger.ts";
import { createSqlSessionStore } from "../session_store.ts";
import type { SqlClient } from "../sql_client.ts";
import { connectServer } from "./databases.ts";
import { maxmindRow, NOON } from "./rows.ts";
import { sessionFragment } from "./session_contract.ts";

// One of several processes that write at the same time: `racer.ts URL TASK ROUNDS SEED`. Prints what it did as JSON.

/** Addresses and ASNs that the racers fight for. */
const ADDRESSES = Array.from({ length: 200 }, (_, index) => `203.0.113.${index}`);
const ASNS = 5;
const BATCH = 60;
/** The quota that they fight for, and the part of it that those with a share may use. */
const LIMIT = 1_000;
const SHARE = 0.8;
const START_LOCK = 77;

const [url, task, rounds, seed] = [Deno.args[0]!, Deno.args[1]!, Number(Deno.args[2]), Number(Deno.args[3])];
const random = createRandom(seed);
const sql = connectServer(url, 4);
try {
  console.log(JSON.stringify(await runTask(sql)));
} finally {
  await sql.close();
}

async function runTask(client: SqlClient): Promise<unknown> {
  switch (task) {
    case "reserve":
      return await reserve(client);
    case "reserve-share":
      return await reserve(client, SHARE);
    case "save":
      return await save(client);
    case "slots":
      return await takeSlots(client);
    case "circuit":
      return await failAndTry(client);
    case "import":
      return await importSessions(client);
    case "begin":
      return await beginRuns(client);
    default:
      throw new TypeError(`Cannot race "${task}": no such task`);
  }
}

/** Begins runs and ends each of them; the last round has the same key for everybody. */
async function beginRuns(client: SqlClient) {
  const runs = createSqlJobRuns(client);
  await client.query("select pg_advisory_xact_lock_shared($1::bigint)", [START_LOCK]);
  let [begun, doubled, keyed] = [0, 0, 0];
  const start = () => ({
    id: crypto.randomUUID(),
    job: "back-up",
    trigger: "http",
    actor: `racer ${seed}`,
    startedAt: Date.now(),
  } as const);
  for (let round = 0; round < rounds; round++) {
    const attempts = await Promise.all([runs.begin(start()), runs.begin(start())]);
    for (const { state, run } of attempts) {
      if (state !== "begun") continue;
      begun++;
      const [row] = await client.query<{ open: number }>(
        "select count(*)::int as open from job_run where job = 'back-up' and ended_at is null",
      );
      if (row!.open !== 1) doubled++;
      const end = {
        outcome: "succeeded",
        counts: {},
        error: null,
        message: null,
        endedAt: Date.now(),
      } as const;
      await runs.end(run.id, end);
    }
  }
  const key = "5".repeat(64);
  for (
    const attempt of await Promise.all(
      [1, 2].map(() => runs.begin({ ...start(), job: "check-quota" }, { key })),
    )
  ) {
    if (attempt.state === "begun") keyed++;
  }
  return { begun, doubled, keyed };
}

/** Takes units until there are none, giving some back now and then. */
async function reserve(client: SqlClient, share?: number) {
  const ledger = createSqlQuotaLedger({
    sql: client,
    policies: { greynoise: { limit: LIMIT, period: "day" } },
  });
  // Whoever starts the race holds this lock until everybody is here.
  await client.query("select pg_advisory_xact_lock_shared($1::bigint)", [START_LOCK]);
  let kept = 0;
  const takers = Array.from({ length: 4 }, async () => {
    for (let round = 0; round < rounds; round++) {
      const grant = await ledger.reserve("greynoise", 1 + Math.floor(random() * 7), NOON, { share });
      const unsent = grant.granted > 1 && random() < 0.2 ? 1 : 0;
      await ledger.release(grant, unsent);
      kept += grant.granted - unsent;
    }
  });
  await Promise.all(takers);
  return { kept };
}

/** Takes slots without waiting for them, one or two at a time. */
async function takeSlots(client: SqlClient) {
  const ledger = createSqlRateLedger(client);
  let slots = 0;
  for (let round = 0; round < rounds; round++) {
    const { count } = await ledger.takeSlots("greynoise", 1 + (round % 2), { intervalMs: 100 });
    slots += count;
  }
  return { slots };
}

/** Notes failures at Team Cymru, and wants the trial of an open GreyNoise each time. */
async function failAndTry(client: SqlClient) {
  const store = createSqlCircuitStore(client);
  const never = { threshold: 1_000_000, pauseMs: 1, maxPauseMs: 1, now: NOON, reason: "timeout" };
  let trials = 0;
  for (let round = 0; round < rounds; round++) {
    await store.changeCircuit("cymru", (state) => recordFailure(state, never));
    const { before, after } = await store.changeCircuit(
      "greynoise",
      (state) => takeTrial(state, { now: NOON, trialMs: 60_000 }),
    );
    if (after !== before) trials++;
  }
  return { failures: rounds, trials };
}

/** Adds one to the radius of random addresses, moving them between ASNs; what was not written is done again. */
async function save(client: SqlClient) {
  // Every other racer copies what seems new.
  const store = createSqlInventoryStore(client, seed % 2 === 0 ? { copyFrom: 1 } : {});
  let [written, conflicts, moves] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    let left = pickAddresses();
    while (left.length > 0) {
      const present = await store.findMany(left);
      const rows = left.map((address) => {
        const before = present.get(address);
        const row = maxmindRow(address, 1 + Math.floor(random() * ASNS));
        const radius = (before?.enrichment.maxmind?.accuracy_radius ?? 0) + 1;
        const maxmind = { ...row.enrichment.maxmind!, accuracy_radius: radius };
        return { ...row, revision: before?.revision ?? 0, enrichment: { ...row.enrichment, maxmind } };
      });
      const unwritten = new Set(await store.saveMany(rows));
      const done = rows.filter((row) => !unwritten.has(row.ipAddress));
      moves += done.filter(({ ipAddress, asnNumber }) => {
        const asn = present.get(ipAddress)?.asnNumber ?? null;
        return asn !== null && asn !== asnNumber;
      }).length;
      written += done.length;
      conflicts += unwritten.size;
      left = [...unwritten];
    }
  }
  return { written, conflicts, moves };
}

async function importSessions(client: SqlClient) {
  const store = createSqlSessionStore(client);
  let newSessions = 0;
  for (let round = 0; round < rounds; round++) {
    const fragments = pickAddresses().map((sourceIp, index) =>
      sessionFragment(`${seed % 2}-${round}-${index}`, ["login"], { sourceIp })
    );
    newSessions += (await store.importFragments(fragments)).newSessions;
  }
  return { newSessions };
}

function pickAddresses(): string[] {
  const picked = new Set<string>();
  while (picked.size < BATCH) picked.add(ADDRESSES[Math.floor(random() * ADDRESSES.length)]!);
  return [...picked];
}

/** A small generator (mulberry32), so that a failing race can be run again. */
function createRandom(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
