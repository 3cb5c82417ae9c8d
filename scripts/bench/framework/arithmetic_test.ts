import { assertEquals } from "@std/assert";
import { gatherMeasurements, medianOf, ratioOf, settleContest } from "./arithmetic.ts";
import type { Contest, Figures } from "./scenario.ts";

Deno.test("medianOf() gives the value in the middle, and of an even number the mean of the two", () => {
  assertEquals(medianOf([]), null);
  assertEquals(medianOf([7]), 7);
  assertEquals(medianOf([9, 100, 1]), 9);
  assertEquals(medianOf([10, 2, 4, 100]), 7);
});

Deno.test("ratioOf() is more when ours does more, or takes less memory", () => {
  assertEquals(ratioOf(300, 100, "/s"), 3);
  assertEquals(ratioOf(50, 100, "MB"), 2);
});

const CONTEST: Contest = { ours: "ours", reference: "theirs", bar: 2 };

function settle(contest: Contest, rounds: readonly Figures[], isJudged = true) {
  return settleContest(contest, gatherMeasurements([contest], rounds), isJudged);
}

Deno.test("settleContest() takes the ratio of the medians and the range of the rounds", () => {
  const rounds = [{ ours: 200, theirs: 100 }, { ours: 330, theirs: 110 }, { ours: 240, theirs: 80 }];
  assertEquals(settle(CONTEST, rounds), {
    ours: "ours",
    reference: "theirs",
    unit: "/s",
    ours_median: 240,
    reference_median: 100,
    ratio: 2.4,
    lowest: 2,
    highest: 3,
    bar: 2,
    verdict: "reached",
  });
});

Deno.test("settleContest() judges by the bar, and only what was measured in full size", () => {
  const [slow, fast] = [[{ ours: 199, theirs: 100 }], [{ ours: 200, theirs: 100 }]];
  assertEquals(settle(CONTEST, slow).verdict, "missed");
  assertEquals(settle(CONTEST, fast).verdict, "reached");
  assertEquals(settle(CONTEST, fast, false).verdict, "not judged");
  assertEquals(settle({ ...CONTEST, bar: null }, fast).verdict, "not judged");
  assertEquals(settle({ ...CONTEST, unit: "MB" }, [{ ours: 50, theirs: 100 }]).verdict, "reached");
});

Deno.test("settleContest() says when one side was not measured", () => {
  const { ratio, lowest, verdict } = settle(CONTEST, [{ ours: 200 }]);
  assertEquals({ ratio, lowest, verdict }, { ratio: null, lowest: null, verdict: "not measured" });
  assertEquals(settle(CONTEST, []).verdict, "not measured");
});

Deno.test("settleContest() keeps a figure that stands alone", () => {
  const { ours_median, ratio, verdict } = settle({ ours: "starts", reference: null, bar: null }, [{
    starts: 4,
  }]);
  assertEquals({ ours_median, ratio, verdict }, { ours_median: 4, ratio: null, verdict: "not judged" });
});

Deno.test("settleContest() compares a measurement of one round with the same round alone for its range", () => {
  const { ratio, lowest, highest } = settle(CONTEST, [{ ours: 300, theirs: 100 }, { theirs: 200 }]);
  assertEquals({ ratio, lowest, highest }, { ratio: 2, lowest: 2, highest: 3 });
});
