import { assertEquals } from "@std/assert";
import type { QueueStatus, WorkReport } from "@ipcascade/operations";
import {
  renderDeadLetters,
  renderQueued,
  renderQueuedImport,
  renderQueueStatus,
  renderWork,
} from "./queue_text.ts";

const NOTHING: QueueStatus = {
  operation: "queue-status",
  checked_at: "2026-11-25T12:00:00.000Z",
  waiting: 0,
  retrying: 0,
  active: 0,
  completed: 0,
  dead: 0,
  oldest_waiting_at: null,
  oldest_waiting_seconds: null,
  active_batches: [],
  dead_letters: [],
};

Deno.test("renderQueueStatus() of an empty queue is two lines", () => {
  assertEquals(
    renderQueueStatus(NOTHING),
    "Batches: 0 waiting, 0 waiting for another try, 0 worked on, 0 done lately, 0 given up\n" +
      "Oldest that waits: none\n",
  );
});

Deno.test("renderQueueStatus() names workers and dead letters, and what mends them", () => {
  const at = "2026-11-25T11:58:00.000Z";
  const text = renderQueueStatus({
    ...NOTHING,
    waiting: 7,
    active: 1,
    dead: 1,
    oldest_waiting_at: at,
    oldest_waiting_seconds: 90,
    active_batches: [
      { id: "a", worker: "host:12", addresses: 1_000, attempt: 2, taken_at: at, renewed_at: at },
    ],
    dead_letters: [
      { id: "b", addresses: 5, first_address: "8.8.8.8", died_at: at, error: "Cannot use\u001b[2J it" },
    ],
  });
  assertEquals(text.split("\n"), [
    "Batches: 7 waiting, 0 waiting for another try, 1 worked on, 0 done lately, 1 given up",
    "Oldest that waits: 2026-11-25T11:58:00.000Z (90.0 s ago)",
    "",
    "WORKER   ADDRESSES  TRY  SINCE                     SEEN",
    "host:12  1000       2    2026-11-25T11:58:00.000Z  2026-11-25T11:58:00.000Z",
    "",
    "DEAD SINCE                ADDRESSES  FIRST    ERROR",
    "2026-11-25T11:58:00.000Z  5          8.8.8.8  Cannot use·[2J it",
    '"ipcascade jobs retry" queues them again, "ipcascade jobs drop --yes" discards them',
    "",
  ]);
});

Deno.test("renderQueueStatus() says of what has just come that it has", () => {
  const at = "2026-11-25T12:00:00.000Z";
  const text = renderQueueStatus({
    ...NOTHING,
    waiting: 1,
    oldest_waiting_at: at,
    oldest_waiting_seconds: 0,
  });
  assertEquals(text.split("\n")[1], `Oldest that waits: ${at} (just now)`);
});

const NOT_ASKED = { hit: 0, miss: 0, skipped_for: {}, failed_for: {}, first_failure: null };

Deno.test("renderWork() tells what was done and, where there is some, what went wrong", () => {
  const report: WorkReport = {
    operation: "work-queue",
    batches: 1,
    addresses: 1_000,
    asked: 600,
    fresh: 300,
    held_back: 100,
    invalid: 3,
    local: 2,
    stored: 650,
    sources: {
      maxmind: { ...NOT_ASKED, hit: 600 },
      cymru: { ...NOT_ASKED, failed_for: { timeout: 1 }, first_failure: "Cannot ask Team Cymru: no answer" },
      greynoise: { ...NOT_ASKED, miss: 1, skipped_for: { quota_exhausted: 256, backing_off: 300 } },
    },
    failed_tries: 2,
    dead: 1,
    given_back: 1,
    lost: 3,
    elapsed_ms: 2_000,
    stopped: true,
  };
  assertEquals(renderWork(report).split("\n"), [
    "1 batch, 1000 addresses done, 600 asked, 300 fresh, 100 held back, 2 not global, 3 invalid, " +
    "650 stored in 2.0 s, 500/s, stopped early",
    "  MaxMind     600 hits",
    "  Team Cymru  failed 1 (timeout)",
    "              first failure: Cannot ask Team Cymru: no answer",
    "  GreyNoise   1 miss; skipped 556 (300 backing off, 256 quota exhausted)",
    "  failed tries that are repeated: 2",
    "  new dead letters, see ipcascade jobs status: 1",
    "  given back: 1 batch",
    "  lost to other workers: 3 batches",
    "",
  ]);
});

Deno.test("renderQueued() counts what was not queued only where there is some", () => {
  const report = {
    operation: "queue-enrichment" as const,
    inputs: 10,
    invalid: 0,
    local: 0,
    duplicates: 0,
    addresses: 10,
    batches: 1,
    elapsed_ms: 100,
    stopped: false,
  };
  assertEquals(renderQueued(report), "10 inputs, 10 addresses queued in 1 batch in 100 ms, 100/s\n");
  assertEquals(
    renderQueued({ ...report, invalid: 1, local: 2, duplicates: 3, addresses: 4, stopped: true }),
    "10 inputs, 4 addresses queued in 1 batch, 3 queued before, 2 not global, 1 invalid in 100 ms, 100/s, " +
      "stopped early\n",
  );
});

Deno.test("renderQueuedImport() and renderDeadLetters() are one line", () => {
  assertEquals(
    renderQueuedImport({ addresses: 1, batches: 2, duplicates: 0 }),
    "  queue       1 address queued in 2 batches\n",
  );
  assertEquals(
    renderDeadLetters({ operation: "retry-dead-letters", batches: 2 }),
    "Dead letters queued again: 2\n",
  );
  assertEquals(
    renderDeadLetters({ operation: "drop-dead-letters", batches: 1 }),
    "Dead letters discarded: 1\n",
  );
  assertEquals(
    renderDeadLetters({ operation: "drop-dead-letters", batches: 0 }),
    "There is no dead letter\n",
  );
});
