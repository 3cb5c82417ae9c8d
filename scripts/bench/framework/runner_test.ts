import { assertEquals } from "@std/assert";
import { runScenario, takeTurns } from "./runner.ts";
import type { RoundContext, Scenario } from "./scenario.ts";

const OPTIONS = { dir: "/nowhere", isSmall: false, rounds: null, tell: () => {} };

function describe(more: Partial<Scenario>): Scenario {
  return {
    name: "sample",
    measures: "something",
    rounds: 3,
    contests: [{ ours: "a", reference: "b", bar: 2 }],
    prepare: () => Promise.resolve({ conditions: [], round: () => Promise.resolve({ a: 4, b: 1 }) }),
    ...more,
  };
}

Deno.test("runScenario() measures as many rounds as the scenario says, unless told otherwise", async () => {
  const rounds = async (options: { readonly rounds: number | null; readonly isSmall: boolean }) =>
    (await runScenario(describe({}), { ...OPTIONS, ...options })).rounds;
  assertEquals(await rounds({ rounds: null, isSmall: false }), 3);
  assertEquals(await rounds({ rounds: 7, isSmall: false }), 7);
  assertEquals(await rounds({ rounds: null, isSmall: true }), 1);
});

Deno.test("runScenario() keeps the rounds before an error, and closes what was opened", async () => {
  const closed: string[] = [];
  const { rounds, error, contests } = await runScenario(
    describe({
      prepare: (inputs) => {
        inputs.resources.defer(() => void closed.push("server"));
        const round = ({ index }: RoundContext) =>
          index === 1 ? Promise.reject(new Error("the disk is full")) : Promise.resolve({ a: 4, b: 1 });
        return Promise.resolve({ conditions: [], round });
      },
    }),
    OPTIONS,
  );
  assertEquals({ rounds, error, ratio: contests[0]!.ratio }, {
    rounds: 1,
    error: "the disk is full",
    ratio: 4,
  });
  assertEquals(closed, ["server"]);
});

Deno.test("runScenario() says what is missing when there is nothing to measure", async () => {
  const prepare = () => Promise.resolve({ conditions: [], skipped: ["there is no wrk"], round: null });
  const { rounds, skipped, error, contests } = await runScenario(describe({ prepare }), OPTIONS);
  assertEquals({ rounds, skipped, error, verdict: contests[0]!.verdict }, {
    rounds: 0,
    skipped: ["there is no wrk"],
    error: null,
    verdict: "not measured",
  });
});

Deno.test("takeTurns() begins each round with another contestant", async () => {
  const order: string[] = [];
  const round = takeTurns({
    a: () => order.push("a"),
    b: () => order.push("b"),
  });
  const context = { tell: () => {}, check: () => {} };
  for (const index of [0, 1, 2]) await round({ ...context, index });
  assertEquals(order.join(""), "abbaab");
});

Deno.test("takeTurns() measures nothing more once it shall stop", async () => {
  const stopping = new AbortController();
  const measured: string[] = [];
  const round = takeTurns({
    a: () => {
      stopping.abort();
      return measured.push("a");
    },
    b: () => measured.push("b"),
  });
  const { error } = await runScenario(
    describe({ prepare: () => Promise.resolve({ conditions: [], round }) }),
    { ...OPTIONS, stop: stopping.signal },
  );
  assertEquals({ error, measured }, { error: "stopped", measured: ["a"] });
});
