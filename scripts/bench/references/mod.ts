import { exists } from "../framework/files.ts";
import { isInstalled, type Program, runProgram } from "../framework/processes.ts";
import type { BenchInputs } from "../framework/inputs.ts";

/** What to install for the references that are no npm packages. */
export const INSTALL =
  "apt-get install gcc libmaxminddb-dev python3-maxminddb nginx libnginx-mod-http-geoip2 wrk";

/** A program, or why there is none. */
export type Reference<Found> = { readonly found: Found; readonly missing?: undefined } | {
  readonly found: null;
  readonly missing: string;
};

const COMPILERS = ["cc", "gcc", "clang"] as const;
const PYTHONS = ["python3", "/usr/bin/python3", "/usr/local/bin/python3"] as const;

/** The bare loop on libmaxminddb, compiled once in a run: its path. */
export async function findMaxmindC(inputs: BenchInputs): Promise<Reference<string>> {
  const path = inputs.join("maxminddb_loop");
  if (await exists(path)) return { found: path };
  const source = new URL("./maxminddb_loop.c", import.meta.url).pathname;
  for (const command of COMPILERS) {
    if (!await isInstalled(command)) continue;
    inputs.tell(`compiling the loop on libmaxminddb with ${command}`);
    const args = ["-O2", "-o", path, source, "-lmaxminddb"];
    const { success } = await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output();
    if (success) return { found: path };
    return miss(`libmaxminddb's headers, for ${command} can't compile the loop`);
  }
  return miss(`a C compiler (${COMPILERS.join(", ")})`);
}

/** A Python with maxminddb's C extension: its path. */
export async function findMaxmindPython(): Promise<Reference<string>> {
  for (const command of PYTHONS) {
    try {
      await runProgram({ command, args: ["-c", "import maxminddb.extension"] });
      return { found: command };
    } catch { /* the next may have it */ }
  }
  return miss(`Python's maxminddb with its C extension (${PYTHONS.join(", ")})`);
}

function miss(what: string): Reference<never> {
  return { found: null, missing: `there is no ${what}: ${INSTALL}` };
}

/** What the loop in C found and took, in seconds. */
export interface CTimes {
  /** Addresses with a record. */
  readonly hits: number;
  readonly open: number;
  /** One for each pass. */
  readonly passes: readonly number[];
}

/** Runs the loop in C over all addresses of a file, as often as told, in a process of its own. */
export async function runMaxmindC(
  program: string,
  edition: string,
  addresses: string,
  passes: number,
): Promise<CTimes> {
  const { stdout } = await runProgram({ command: program, args: [edition, addresses, String(passes)] });
  const [hits, open, ...rest] = stdout.trim().split("\n").map(Number);
  return { hits: hits!, open: open!, passes: rest };
}

/** The script on Python's C extension that does what `lookup FILE --format ndjson` does. */
export function pythonLookUp(
  python: string,
  pair: { readonly city: string; readonly asn: string },
  file: string,
): Program {
  const script = new URL("./lookup.py", import.meta.url).pathname;
  return { command: python, args: [script, pair.city, pair.asn, file] };
}

/** A process of Deno that only finds the line ends of a file. */
export function lineEnds(file: string): Program {
  const script = new URL("./line_ends.ts", import.meta.url).pathname;
  return { command: Deno.execPath(), args: ["run", "-A", "-q", "--no-config", script, file] };
}
