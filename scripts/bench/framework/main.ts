import { UsageError } from "@ipcascade/core";
import { openTempDir } from "@ipcascade/testkit";
import { compareReports, listDifferences } from "./comparison.ts";
import { describeCommit, describeMachine } from "./machine.ts";
import { BENCH_HELP, type BenchOptions, readBenchOptions } from "./options.ts";
import type { BenchReport, ScenarioResult } from "./report.ts";
import { readReport } from "./report_file.ts";
import { runScenario } from "./runner.ts";
import type { Scenario } from "./scenario.ts";
import { renderChanges, renderMarkdown, renderTable } from "./table.ts";
import { runApart } from "./apart.ts";

/** What the command needs of its surroundings. */
export interface BenchHost {
  readonly scenarios: readonly Scenario[];
  /** Data. */
  print(text: string): void;
  /** Progress and errors. */
  tell(line: string): void;
  /** Measures a scenario in this process, and not in one of its own. */
  readonly inProcess?: boolean;
  /** Aborted when the run shall end; its reason is the exit status. */
  readonly stop?: AbortSignal;
}

/** Runs `deno task bench` with these arguments, and gives the exit status. */
export async function runBench(args: readonly string[], host: BenchHost): Promise<number> {
  try {
    const options = readBenchOptions(args, host.scenarios.map(({ name }) => name));
    if (options.print === "help") return print(host, BENCH_HELP.trimEnd());
    if (options.print === "list") return print(host, renderList(host.scenarios));
    return await measureAll(options, host);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    host.tell(error.message);
    return 2;
  }
}

function print(host: BenchHost, text: string): number {
  host.print(text);
  return 0;
}

function renderList(scenarios: readonly Scenario[]): string {
  return scenarios.flatMap(({ name, measures, contests, rounds }) => [
    `${name}: ${measures} (${rounds} ${rounds === 1 ? "round" : "rounds"})`,
    ...contests.map(({ ours, reference, bar }) =>
      `    ${[ours, ...reference === null ? [] : [reference]].join(" : ")}${
        bar === null ? "" : `, bar ${bar}`
      }`
    ),
  ]).join("\n");
}

async function measureAll(options: BenchOptions, host: BenchHost): Promise<number> {
  // Both before anything is measured: a long run shall not end with a path that was wrong.
  const before = options.compare === null ? null : await readReport(options.compare);
  if (options.json !== null) await checkTarget(options.json);
  const started_at = new Date().toISOString();
  const scenarios = await measureEach(options, host);
  if (host.stop?.aborted === true) return host.stop.reason as number;
  const report: BenchReport = {
    version: 1,
    started_at,
    finished_at: new Date().toISOString(),
    commit: await describeCommit(),
    machine: describeMachine(),
    is_small: options.isSmall,
    scenarios,
  };
  host.print(options.asMarkdown ? renderMarkdown(report) : renderTable(report));
  if (options.json !== null) await Deno.writeTextFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  const hasFailed = scenarios.some(({ error }) => error !== null);
  return compare(before, report, options, host) || hasFailed ? 1 : 0;
}

/** Prints what changed; true when that shall fail the run. */
function compare(
  before: BenchReport | null,
  report: BenchReport,
  options: BenchOptions,
  host: BenchHost,
): boolean {
  if (before === null) return false;
  const changes = compareReports(before, report);
  host.print(`\nAgainst ${options.compare}:\n${renderChanges(changes, listDifferences(before, report))}`);
  return options.failOnRegression && changes.some(({ verdict }) => verdict === "worse");
}

async function measureEach(options: BenchOptions, host: BenchHost): Promise<ScenarioResult[]> {
  const { names, isSmall, rounds } = options;
  const chosen = names.length === 0 ? host.scenarios : names.map((name) => findScenario(host, name));
  await using dir = await openTempDir();
  const results: ScenarioResult[] = [];
  for (const [index, scenario] of chosen.entries()) {
    if (host.stop?.aborted === true) break;
    const tell = (line: string) => host.tell(`[${index + 1}/${chosen.length}] ${line}`);
    const { stop } = host;
    const run = host.inProcess === true ? runScenario : runApart;
    results.push(await run(scenario, { dir: dir.path, isSmall, rounds, tell, stop }));
  }
  return results;
}

function findScenario(host: BenchHost, name: string): Scenario {
  return host.scenarios.find((scenario) => scenario.name === name)!;
}

/** Makes the file where there is none; one that is there is left as it is. */
async function checkTarget(path: string): Promise<void> {
  try {
    (await Deno.open(path, { append: true, create: true })).close();
  } catch (error) {
    throw new UsageError(`Cannot write "${path}": ${wordFor(error)}`);
  }
}

function wordFor(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "its directory does not exist";
  return error instanceof Deno.errors.IsADirectory ? "it is a directory" : "it can't be written to";
}
