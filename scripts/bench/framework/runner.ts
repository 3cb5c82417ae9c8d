import { gatherMeasurements, settleContest } from "./arithmetic.ts";
import { BenchInputs } from "./inputs.ts";
import type { ScenarioResult } from "./report.ts";
import type { Figures, Prepared, RoundContext, Scenario } from "./scenario.ts";

/** How to run a scenario. */
export interface RunOptions {
  /** Inputs are made in here, and found again by the scenarios after. */
  readonly dir: string;
  readonly isSmall: boolean;
  /** Null for what the scenario says. */
  readonly rounds: number | null;
  /** Says how far it is. */
  readonly tell: (line: string) => void;
  /** The measurement in hand is finished, and the scenario given up. */
  readonly stop?: AbortSignal;
}

/** Prepares a scenario, measures its rounds, and does the arithmetic. What goes wrong becomes its `error`. */
export async function runScenario(scenario: Scenario, options: RunOptions): Promise<ScenarioResult> {
  const started = performance.now();
  const tell = (what: string) => options.tell(`${scenario.name}: ${what}`);
  const inputs = new BenchInputs(options.dir, options.isSmall, tell);
  const figures: Figures[] = [];
  let prepared: Prepared = { conditions: [], round: null };
  let error: string | null = null;
  try {
    await using _resources = inputs.resources;
    tell("preparing");
    prepared = await scenario.prepare(inputs);
    const rounds = options.rounds ?? (options.isSmall ? 1 : scenario.rounds);
    for (let index = 0; index < rounds && prepared.round !== null; index++) {
      figures.push(await prepared.round(describeRound(index, rounds, tell, options.stop)));
    }
  } catch (thrown) {
    error = thrown instanceof Error ? thrown.message : String(thrown);
  }
  const measurements = gatherMeasurements(scenario.contests, figures);
  return {
    name: scenario.name,
    measures: scenario.measures,
    conditions: prepared.conditions,
    rounds: figures.length,
    seconds: Math.round((performance.now() - started) / 100) / 10,
    measurements,
    contests: scenario.contests.map((contest) => settleContest(contest, measurements, !options.isSmall)),
    skipped: prepared.skipped ?? [],
    error,
  };
}

function describeRound(
  index: number,
  rounds: number,
  tell: (what: string) => void,
  stop: AbortSignal | undefined,
): RoundContext {
  return {
    index,
    tell: (what) => tell(`round ${index + 1} of ${rounds}: ${what}`),
    check: () => {
      if (stop?.aborted === true) throw new Error("stopped");
    },
  };
}

/** Measurements that do not depend on each other. */
export type Contestants = Readonly<Record<string, () => number | Promise<number>>>;

/**
 * Rounds in which all contestants are measured once, each round beginning with another one: whatever the one before
 * leaves behind, in caches and heaps, meets everybody alike.
 */
export function takeTurns(contestants: Contestants): (context: RoundContext) => Promise<Figures> {
  const all = Object.entries(contestants);
  return async (context) => {
    const figures: Record<string, number> = {};
    const first = context.index % all.length;
    for (const [name, measure] of [...all.slice(first), ...all.slice(0, first)]) {
      context.check();
      context.tell(name);
      figures[name] = await measure();
    }
    return figures;
  };
}

/** Does work on `count` items, and gives items a second. */
export async function measureRate(count: number, work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return count / ((performance.now() - started) / 1_000);
}
