import { assert, assertEquals } from "@std/assert";
import { nextTick, readScheduleSettings } from "@ipcascade/platform";
import fc from "fast-check";
import { watchCrons } from "./cron_watch.ts";
import { faketimeTest } from "./faketime.ts";

/** A Sunday, the last day of a year, the last of a short month, the last minute of a Saturday, a leap day. */
const MINUTES = [
  "2026-11-29T00:00Z",
  "2026-12-31T00:00Z",
  "2026-11-30T12:30Z",
  "2026-10-31T23:59Z",
  "2028-02-29T06:00Z",
];
/** As many lines of each kind for each minute: `Deno.cron` takes a hundred in a process. */
const OF_EACH_KIND = 45;

const WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** Lines as people might set them, most of them due at the minute and the hour, if not on the day. */
function anyLine(minute: string): fc.Arbitrary<string> {
  const at = new Date(minute);
  const day = fc.integer({ min: 1, max: 31 }).map(String);
  return fc.tuple(
    near(at.getUTCMinutes(), fc.integer({ min: 0, max: 59 }).map(String)),
    near(at.getUTCHours(), fc.integer({ min: 0, max: 23 }).map(String)),
    fc.oneof(fc.constant("*"), field(day), field(fc.oneof(day, fc.constant(String(at.getUTCDate()))))),
    fc.oneof(
      fc.constant("*"),
      field(fc.oneof(fc.constantFrom(...MONTHS), fc.integer({ min: 1, max: 12 }).map(String))),
    ),
    fc.oneof(fc.constant("*"), field(fc.constantFrom(...WEEKDAYS))),
  ).map((parts) => parts.join(" "));
}

function near(value: number, point: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: fc.constant(String(value)) },
    { weight: 1, arbitrary: fc.constant("*") },
    { weight: 2, arbitrary: field(point).map((part) => `${part},${value}`) },
    { weight: 2, arbitrary: field(point) },
  );
}

function field(point: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const range = fc.oneof(
    fc.constant("*"),
    point,
    fc.tuple(point, point).map(([from, to]) => `${from}-${to}`),
  );
  const step = fc.oneof(fc.constant(""), fc.integer({ min: 1, max: 60 }).map((every) => `/${every}`));
  const item = fc.tuple(range, step).map(([from, every]) => from + every);
  return fc.array(item, { minLength: 1, maxLength: 2 }).map((items) => items.join(","));
}

/** The line as a setting takes it; null when it is refused. */
function accept(line: string): string | null {
  try {
    const env = { SCHEDULE_BACK_UP: line };
    return readScheduleSettings({ env, readFile: () => null }).schedules["back-up"];
  } catch {
    return null;
  }
}

/** Lines that settings take, by themselves: as many that are foretold for the minute as others. */
function chooseLines(
  minute: string,
): { readonly due: readonly string[]; readonly others: readonly string[] } {
  const lines = new Set(fc.sample(anyLine(minute), 3000).map(accept).filter((line) => line !== null));
  const isDue = (line: string) => nextTick(line, Date.parse(minute) - 1000) === Date.parse(minute);
  return {
    due: [...lines].filter(isDue).slice(0, OF_EACH_KIND),
    others: [...lines].filter((line) => !isDue(line)).slice(0, OF_EACH_KIND),
  };
}

Deno.test({
  ...faketimeTest("lines that SCHEDULE_<JOB> takes are taken by Deno.cron and fire when they are foretold"),
  async fn() {
    await Promise.all(MINUTES.map(async (minute) => {
      const { due, others } = chooseLines(minute);
      assertEquals([due.length, others.length], [OF_EACH_KIND, OF_EACH_KIND], minute);
      // Names of crons are shorter than lines may be.
      const names = [...due, ...others].map((line, i) => [`line ${i}`, line] as const);
      const lineOf = new Map<string, string>(names);
      const { fired, refused } = await watchCrons(Object.fromEntries(names), minute);
      const linesOf = (some: readonly string[]) => some.map((name) => lineOf.get(name)!).sort();
      assertEquals(linesOf(refused), [], `refused at ${minute}`);
      assertEquals(linesOf(fired), [...due].sort(), `fired at ${minute}`);
    }));
  },
});

Deno.test({
  ...faketimeTest("what Deno.cron refuses is refused as a setting, and so is what it reads in its own way"),
  async fn() {
    const lines = [
      "0 2 * * 0",
      "*/60 * * * *",
      "0 */24 * * *",
      "0 0 */31 * *",
      "0 0 1 */12 *",
      "@daily",
      "0 0 ? * *",
    ];
    // Saturday to Deno and Sunday to cron; Sunday alone to Deno and every day to croner.
    const odd = { seven: "0 0 * * 7", range: "0 0 * * SUN-SUN" };
    const names = lines.map((line, i) => [`line ${i}`, line] as const);
    const seen = await watchCrons({ ...Object.fromEntries(names), ...odd }, "2026-11-28T00:00Z");
    assertEquals(seen, { refused: names.map(([name]) => name), fired: ["seven"] });
    for (const line of [...lines, ...Object.values(odd)]) assert(accept(line) === null, line);
  },
});
