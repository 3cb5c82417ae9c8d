/**
 * Sends requests at an even rate over kept connections and measures: a process of its own, which reads its order as
 * JSON from standard input and writes its result to standard output. See `paced_load.ts`.
 */
import { setImmediate } from "node:timers";
import { KeptConnection } from "./kept_connection.ts";
import { LogHistogram } from "./log_histogram.ts";
import type { PacedOrder, PacedResult } from "./paced_load.ts";

const order: PacedOrder = JSON.parse(await new Response(Deno.stdin.readable).text());
console.log(JSON.stringify(await runLoad(order)));

/** Failures that are told. */
const MAX_FAILURES = 5;

async function runLoad({ port, connections, rate, seconds, warmUpSeconds, ...rest }: PacedOrder) {
  const latencies = new LogHistogram();
  const lateness = new LogHistogram();
  const statuses: Record<string, number> = {};
  const failures: string[] = [];
  const nextRequest = takeInTurn(rest.kinds);
  const startedAt = performance.now();
  const endAt = startedAt + (warmUpSeconds + seconds) * 1_000;
  const countFrom = startedAt + warmUpSeconds * 1_000;
  const wait = rest.isPrecise ? createSpinner() : sleepUntil;
  let next = 0;
  const work = async () => {
    let connection = await KeptConnection.open(port);
    while (true) {
      const due = rate === null ? performance.now() : startedAt + (next++ * 1_000) / rate;
      if (due >= endAt) break;
      if (due > performance.now()) await wait(due);
      if (due >= countFrom) lateness.add(Math.max(0, performance.now() - due));
      try {
        const { status } = await connection.ask(nextRequest());
        if (due < countFrom) continue;
        latencies.add(performance.now() - due);
        statuses[status] = (statuses[status] ?? 0) + 1;
      } catch (error) {
        if (failures.length < MAX_FAILURES) failures.push(String(error));
        connection[Symbol.dispose]();
        connection = await KeptConnection.open(port);
      }
    }
    connection[Symbol.dispose]();
  };
  await Promise.all(Array.from({ length: connections }, work));
  const result: PacedResult = {
    answers: latencies.count,
    rate: latencies.count / ((performance.now() - countFrom) / 1_000),
    p50Ms: latencies.quantile(0.5),
    p90Ms: latencies.quantile(0.9),
    p99Ms: latencies.quantile(0.99),
    p999Ms: latencies.quantile(0.999),
    maxMs: latencies.max,
    lateP99Ms: lateness.quantile(0.99),
    statuses,
    failures,
  };
  return result;
}

/** Kinds by their shares, each kind's requests in turn. */
function takeInTurn(kinds: PacedOrder["kinds"]): () => Uint8Array {
  const encoder = new TextEncoder();
  const sets = kinds.map(({ requests }) => requests.map((text) => encoder.encode(text)));
  // Shares are spread over the turn: a kind comes when it is furthest behind.
  const total = kinds.reduce((sum, { share }) => sum + share, 0);
  const behind = kinds.map(() => 0);
  const positions = kinds.map(() => 0);
  return () => {
    let chosen = 0;
    for (let kind = 0; kind < kinds.length; kind++) {
      behind[kind]! += kinds[kind]!.share;
      if (behind[kind]! > behind[chosen]!) chosen = kind;
    }
    behind[chosen]! -= total;
    const requests = sets[chosen]!;
    return requests[positions[chosen]!++ % requests.length]!;
  };
}

function sleepUntil(due: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, due - performance.now())));
}

/** Waits by asking for the time over and over: timers wake up a millisecond late. */
function createSpinner(): (due: number) => Promise<void> {
  const waiting: { readonly due: number; readonly resolve: () => void }[] = [];
  let isSpinning = false;
  const spin = () => {
    const now = performance.now();
    while (waiting.length > 0 && waiting[0]!.due <= now) waiting.shift()!.resolve();
    isSpinning = waiting.length > 0;
    if (isSpinning) setImmediate(spin);
  };
  return (due) =>
    new Promise((resolve) => {
      waiting.push({ due, resolve });
      if (isSpinning) return;
      isSpinning = true;
      setImmediate(spin);
    });
}
