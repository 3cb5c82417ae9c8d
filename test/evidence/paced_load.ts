import { DENO_RUN } from "@ipcascade/testkit";

/** Requests of one kind. */
export interface PacedKind {
  /** How often it comes among all, as a whole number. */
  readonly share: number;
  /** Whole requests as text, asked in turn. */
  readonly requests: readonly string[];
}

/** What to send and how fast. */
export interface PacedOrder {
  readonly port: number;
  readonly connections: number;
  /** Requests a second, evenly spread; null: as fast as they are answered. */
  readonly rate: number | null;
  readonly seconds: number;
  /** Seconds at the start whose answers are not counted. */
  readonly warmUpSeconds: number;
  /** Wakes up in time by never sleeping, which takes a core; otherwise up to some milliseconds late. */
  readonly isPrecise: boolean;
  readonly kinds: readonly PacedKind[];
}

/** How it went. Latencies count from the moment at which a request was due, sent or not (no coordinated omission). */
export interface PacedResult {
  readonly answers: number;
  /** Answers a second. */
  readonly rate: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
  /** How late requests left, at the 99th percentile: what the client itself adds. */
  readonly lateP99Ms: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Connections that ended, the first reasons. */
  readonly failures: readonly string[];
}

/** Runs a load in a process of its own. */
export async function runPacedLoad(order: PacedOrder): Promise<PacedResult> {
  const program = new URL("paced_client.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...DENO_RUN, program],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(order)));
  await writer.close();
  const { code, stdout } = await child.output();
  if (code !== 0) throw new Error(`The client of the load ended with ${code}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A GET as text. */
export function getRequest(path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`;
}

/** A POST of lines as text. */
export function postRequest(path: string, lines: readonly string[]): string {
  const body = lines.join("\n");
  return `POST ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: text/plain\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`;
}

/** Latencies as people read them. */
export function formatLatency({ p50Ms, p99Ms, maxMs }: PacedResult): string {
  return `p50 ${p50Ms.toFixed(2)} ms, p99 ${p99Ms.toFixed(2)} ms, longest ${maxMs.toFixed(0)} ms`;
}
