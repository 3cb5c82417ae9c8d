import {
  type CymruAnswer,
  type FailureReason,
  type GreynoiseReply,
  type LookupOutcome,
  parseAddress,
  type SourceRequest,
} from "@ipcascade/core";
import { assertEquals } from "@std/assert";
import { createLookupCounter, recordCymru, recordGreynoise } from "./recorded_sources.ts";

function failed(reason: FailureReason, durationMs = 7) {
  return { status: "failed", failure: { reason, message: "Cannot ask" }, durationMs } as const;
}

const MISS = { status: "miss", durationMs: 7 } as const;
const SKIPPED = { status: "skipped", reason: "rate_unknown", until: null } as const;

/** What is recorded of one call that ends with these outcomes, as outcome, channel, addresses and duration. */
async function recordOf(outcomes: readonly LookupOutcome<CymruAnswer>[]): Promise<unknown[]> {
  const noted: SourceRequest[] = [];
  const answers = new Map(outcomes.map((outcome, index) => [`23.0.0.${index}`, outcome]));
  const source = recordCymru(
    { lookUpMany: () => Promise.resolve(answers) },
    { add: (request) => noted.push(request) },
  );
  assertEquals(await source.lookUpMany([], {}), answers);
  return noted.map(({ outcome, channel, addresses, durationMs }) => [
    outcome,
    channel,
    addresses,
    durationMs,
  ]);
}

Deno.test("recordCymru() notes one request for each session and each DNS look-up that was sent", async () => {
  const cases: readonly [label: string, outcomes: readonly LookupOutcome<CymruAnswer>[], noted: unknown[]][] =
    [
      ["a DNS answer", [MISS], [["answered", "dns", 1, 7]]],
      ["a session", [MISS, MISS, MISS], [["answered", "whois", 3, 7]]],
      ["a session that broke off", [failed("cut"), MISS], [["answered", "whois", 2, 7]]],
      ["a silent one", [failed("timeout"), failed("timeout")], [["timeout", "whois", 2, 7]]],
      ["a closed port", [failed("refused"), failed("refused")], [["unsent", "whois", 2, 7]]],
      ["no name", [failed("unresolved")], [["unsent", "dns", 1, 7]]],
      ["nonsense", [failed("garbage")], [["failed", "dns", 1, 7]]],
      ["given up under way", [failed("aborted")], [["failed", "dns", 1, 7]]],
      ["given up before", [failed("aborted", 0)], []],
      ["no turn", [SKIPPED, SKIPPED], []],
      ["nothing asked", [], []],
    ];
  for (const [label, outcomes, noted] of cases) assertEquals(await recordOf(outcomes), noted, label);
});

Deno.test("recordGreynoise() notes every call that was sent, and what became of it", async () => {
  const cases: readonly [
    label: string,
    outcome: GreynoiseReply["outcome"],
    arrived: boolean,
    noted: string[],
  ][] = [
    ["a miss", MISS, true, ["answered"]],
    ["429", failed("rate_limited"), true, ["limited"]],
    ["no answer", failed("timeout"), true, ["timeout"]],
    ["500", failed("server_error"), true, ["failed"]],
    ["refused", failed("refused"), false, ["unsent"]],
    ["given up before", failed("aborted"), false, []],
    ["given up under way", failed("aborted"), true, ["failed"]],
    ["skipped", SKIPPED, false, []],
  ];
  for (const [label, outcome, mayHaveArrived, expected] of cases) {
    const noted: SourceRequest[] = [];
    const reply: GreynoiseReply = { outcome, mayHaveArrived, limited: null };
    const source = recordGreynoise(
      { lookUp: () => Promise.resolve(reply) },
      { add: (request) => noted.push(request) },
    );
    assertEquals(await source.lookUp(parseAddress("23.0.0.1")!, {}), reply, label);
    assertEquals(noted.map((one) => one.outcome), expected, label);
  }
});

Deno.test("createLookupCounter() makes one request of what is looked up until the program rests", () => {
  const noted: SourceRequest[] = [];
  const resting: (() => void)[] = [];
  const count = createLookupCounter({ add: (request) => noted.push(request) }, (note) => resting.push(note));
  for (const outcome of [SKIPPED, MISS, MISS, failed("corrupt")]) count(outcome);
  assertEquals([noted.length, resting.length], [0, 1]);
  resting.pop()!();
  count(failed("corrupt", 1));
  resting.pop()!();
  assertEquals(noted.map(({ outcome, addresses, durationMs }) => [outcome, addresses, durationMs]), [
    ["answered", 3, 21],
    ["failed", 1, 1],
  ]);
});
