import { UsageError } from "@ipcascade/core";

/** What the command line asks for. */
export interface BenchOptions {
  /** Names of scenarios, in the order of the command line; empty for all. */
  readonly names: readonly string[];
  /** Where the figures go as JSON. */
  readonly json: string | null;
  /** Figures of another run. */
  readonly compare: string | null;
  readonly failOnRegression: boolean;
  /** Null for what each scenario says. */
  readonly rounds: number | null;
  readonly isSmall: boolean;
  readonly asMarkdown: boolean;
  /** What to print instead of measuring. */
  readonly print: "help" | "list" | null;
}

/** The page of `--help`. */
export const BENCH_HELP = `Usage: deno task bench [SCENARIO…] [options]

Measures speed as ratios against references of the same run, and prints them as a table.
Without scenarios all are measured, which takes the better part of an hour. Ends with 0 also when a bar is missed.

Options:
  --list                List the scenarios and what each measures
  --rounds N            Rounds of each scenario, 1 to 100 (default: what the scenario says, mostly 5)
  --small               Tiny inputs and one round: shows that the scenarios work, not how fast anything is
  --json FILE           Also write machine, commit, conditions and every figure as JSON
  --compare FILE        Set the ratios against those of another run, as written by --json
  --fail-on-regression  With --compare: end with 1 when a ratio is worse beyond the spread of its rounds
  --markdown            Print the table as Markdown
  --help                Print this

Exit status: 0 measured, 1 a scenario failed (or a regression, see above), 2 bad usage, 130 or 143 stopped.

Examples:
  deno task bench --list
  deno task bench city first-pass --rounds 9
  deno task bench --json before.json
  deno task bench --compare before.json --fail-on-regression
`;

const MAX_ROUNDS = 100;
const SWITCHES = ["--list", "--small", "--fail-on-regression", "--markdown", "--help"] as const;
const VALUES = ["--json", "--compare", "--rounds"] as const;

/** Reads a command line. Throws `UsageError` for what it does not know, quoting it. */
export function readBenchOptions(args: readonly string[], known: readonly string[]): BenchOptions {
  const { names, switches, values } = sortArguments(args);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`Cannot measure "${unknown}": allowed are ${known.join(", ")}`);
  }
  const compare = values.get("--compare") ?? null;
  if (switches.has("--fail-on-regression") && compare === null) {
    throw new UsageError("Cannot use --fail-on-regression: it needs --compare FILE");
  }
  return {
    names: [...new Set(names)],
    json: values.get("--json") ?? null,
    compare,
    failOnRegression: switches.has("--fail-on-regression"),
    rounds: readRounds(values.get("--rounds")),
    isSmall: switches.has("--small"),
    asMarkdown: switches.has("--markdown"),
    print: switches.has("--help") ? "help" : switches.has("--list") ? "list" : null,
  };
}

interface Sorted {
  readonly names: readonly string[];
  readonly switches: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, string>;
}

function sortArguments(args: readonly string[]): Sorted {
  const names: string[] = [];
  const switches = new Set<string>();
  const values = new Map<string, string>();
  for (let at = 0; at < args.length; at++) {
    const [flag, given] = splitFlag(args[at]!);
    if (!flag.startsWith("-")) names.push(flag);
    else if (includes(SWITCHES, flag) && given === null) switches.add(flag);
    else if (flag === "-h") switches.add("--help");
    else if (!includes(VALUES, flag)) throw new UsageError(refuseFlag(args[at]!));
    else {
      const value = given ?? args[++at];
      if (value === undefined || value === "") throw new UsageError(`Cannot read ${flag}: it needs a value`);
      if (values.has(flag)) throw new UsageError(`Cannot read ${flag}: it was given more than once`);
      values.set(flag, value);
    }
  }
  return { names, switches, values };
}

function splitFlag(arg: string): readonly [string, string | null] {
  const at = arg.startsWith("--") ? arg.indexOf("=") : -1;
  return at < 0 ? [arg, null] : [arg.slice(0, at), arg.slice(at + 1)];
}

function includes(list: readonly string[], text: string): boolean {
  return list.includes(text);
}

function refuseFlag(arg: string): string {
  return `Cannot read "${arg}": allowed are ${[...SWITCHES, ...VALUES].sort().join(", ")}`;
}

function readRounds(text: string | undefined): number | null {
  if (text === undefined) return null;
  const rounds = Number(text);
  if (/^\d+$/.test(text) && rounds >= 1 && rounds <= MAX_ROUNDS) return rounds;
  throw new UsageError(`Cannot read --rounds "${text}": allowed are whole numbers from 1 to ${MAX_ROUNDS}`);
}
