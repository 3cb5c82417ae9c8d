/**
 * Runs the tests: `deno task test [PATH…]`. Without paths, all of them in three processes side by side, since most wait
 * for servers, processes and sockets more than they compute. Ends with a line for all together. Types are checked by
 * `deno task typecheck`.
 *
 * @module
 */
import { listLanes } from "./test_lanes.ts";

/** What one process said. */
interface Lane {
  readonly output: string;
  readonly status: number;
}

const SUMMARY = /^(?:ok|FAILED) \| (\d+) passed.*?\| (\d+) failed/gm;
// deno-lint-ignore no-control-regex -- colours
const COLOURS = /\x1b\[\d+m/g;

/**
 * The embedded database is WebAssembly, and processes of tests end soon: what V8's second compiler makes of it in the
 * meantime is never worth its time. See docs/adr/0047-time-of-the-checks.md.
 */
const V8_FLAGS = "--liftoff-only";

function start(paths: readonly string[], stdout: "inherit" | "piped"): Deno.Command {
  const args = ["test", "-A", "-q", "--no-check", ...paths];
  const env = { DENO_V8_FLAGS: V8_FLAGS };
  return new Deno.Command(Deno.execPath(), { args, env, stdin: "null", stdout, stderr: stdout });
}

/** Runs tests and shows what they say as it comes. */
async function runShown(paths: readonly string[]): Promise<Lane> {
  const child = start(paths, "piped").spawn();
  let output = "";
  const show = async (from: ReadableStream<Uint8Array>, to: typeof Deno.stdout) => {
    const decoder = new TextDecoder();
    for await (const bytes of from) {
      output += decoder.decode(bytes, { stream: true });
      for (let at = 0; at < bytes.length;) at += await to.write(bytes.subarray(at));
    }
  };
  await Promise.all([show(child.stdout, Deno.stdout), show(child.stderr, Deno.stderr)]);
  return { output, status: (await child.status).code };
}

/** Runs tests and keeps what they say. */
async function runKept(paths: readonly string[]): Promise<Lane> {
  const { stdout, stderr, code } = await start(paths, "piped").output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { output: text(stdout) + text(stderr), status: code };
}

async function runAll(): Promise<number> {
  const [shown, ...kept] = await listLanes();
  const lanes = await Promise.all([runShown(shown), ...kept.map(runKept)]);
  for (const { output } of lanes.slice(1)) console.log(output);
  let [passed, failed] = [0, 0];
  for (const { output, status } of lanes) {
    const [, ok = "0", bad = "0"] = [...output.replace(COLOURS, "").matchAll(SUMMARY)].at(-1) ?? [];
    passed += Number(ok);
    // Tests that did not get as far as a summary, or whose process failed after it, count as one.
    failed += status !== 0 && Number(bad) === 0 ? 1 : Number(bad);
  }
  console.log(`${failed === 0 ? "ok" : "FAILED"} | ${passed} passed | ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

Deno.exit(Deno.args.length === 0 ? await runAll() : (await runShown(Deno.args)).status);
