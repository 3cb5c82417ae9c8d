/** A rate by wrk, in answers a second, and its latencies as wrk writes them. */
export interface WrkLoad {
  readonly rate: number;
  readonly p50: string;
  readonly p99: string;
  /** Answers that were neither 2xx nor 3xx. */
  readonly failed: number;
}

/** How wrk is run. It has one thread. */
export interface WrkOptions {
  readonly url: string;
  readonly seconds: number;
  readonly connections: number;
  /** A script in Lua that makes the requests. */
  readonly script?: string;
}

/** Tells whether wrk is installed. */
export async function hasWrk(): Promise<boolean> {
  try {
    await new Deno.Command("wrk", { args: ["-v"], stdout: "null", stderr: "null" }).output();
    return true;
  } catch {
    return false;
  }
}

/** Asks as fast as answers come. */
export async function runWrk({ url, seconds, connections, script }: WrkOptions): Promise<WrkLoad> {
  const more = script === undefined ? [] : ["-s", script];
  const args = ["-t1", `-c${connections}`, `-d${seconds}s`, "--latency", ...more, url];
  const { stdout } = await new Deno.Command("wrk", { args }).output();
  const text = new TextDecoder().decode(stdout);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1] ?? NaN),
    p50: /^ +50%\s+(\S+)/m.exec(text)?.[1] ?? "?",
    p99: /^ +99%\s+(\S+)/m.exec(text)?.[1] ?? "?",
    failed: Number(/Non-2xx or 3xx responses: (\d+)/.exec(text)?.[1] ?? 0),
  };
}

/** A script for wrk that asks for paths in turn. */
export function writeWrkScript(paths: readonly string[]): string {
  const list = paths.map((path) => JSON.stringify(path)).join(",\n");
  return `local paths = {${list}}\nlocal at = 0\nrequest = function()\n  at = at % #paths + 1\n` +
    `  return wrk.format("GET", paths[at])\nend\n`;
}
