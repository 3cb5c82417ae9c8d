import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { openApiWorld } from "../api_world.ts";
import { HOSTILE_REQUEST, type HostileRequest, sendHostile } from "../hostile_requests.ts";
import type { Evidence } from "./figures.ts";

/** How much is sent. */
export interface HostileOptions {
  readonly requests: number;
  /** Another one sends other requests. */
  readonly seed: number;
  /** How much memory may grow between the first fifth and the end; null is not looked at. */
  readonly maxGrownMb: number | null;
}

/** Sent at once. */
const SENDERS = 32;

const TOKENS = "read:look-token,operate:work-token";

/** Sends hostile requests to the API and looks for answers, lines of the log and memory that should not be. */
export async function proveHostileRequests(options: HostileOptions): Promise<Evidence> {
  const { requests, seed, maxGrownMb } = options;
  await using world = await openApiWorld({
    env: { IPCASCADE_API_TOKENS: TOKENS, API_RATE_LIMIT: "off", API_REQUEST_TIMEOUT: "3s" },
  });
  const port = Number(new URL(world.address).port);
  const secrets = ["look-token", "work-token", "file://", "node_modules", "    at "];
  const broken: string[] = [];
  const statuses = new Map<string, number>();
  const check = (request: HostileRequest, answer: string) => {
    // An answer to TRACE or a page may quote what was sent; a token only ever comes from the settings.
    for (const [, status = ""] of answer.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)) {
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const isDeclared = status === "503" && /application\/problem\+json|"is_ready":false/.test(answer);
      if (Number(status) >= 500 && !isDeclared) broken.push(`${status} to ${describe(request)}`);
    }
    for (const secret of secrets) {
      if (answer.includes(secret)) broken.push(`${secret} told to ${describe(request)}`);
    }
    // Reports tell who has a token where the editions are and which command mends what; nothing else does.
    if (/^HTTP\/1\.[01] 2(?!04)/m.test(answer)) return;
    if (answer.includes(world.dir.path)) broken.push(`a path told to ${describe(request)}`);
    if (/\b(select|insert into|update) .* (from|values|set)\b/i.test(answer)) {
      broken.push(`SQL told to ${describe(request)}`);
    }
  };
  const all = fc.sample(HOSTILE_REQUEST, { numRuns: requests, seed });
  const started = performance.now();
  let next = 0;
  let firstRss = 0;
  const work = async () => {
    for (let at = next++; at < all.length; at = next++) {
      if (at === Math.floor(all.length / 5)) firstRss = readRss();
      check(all[at]!, await sendHostile(port, all[at]!));
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, work));
  const seconds = (performance.now() - started) / 1_000;
  const grownMb = (readRss() - firstRss) / 1e6;
  if (maxGrownMb !== null && grownMb > maxGrownMb) broken.push(`memory grew by ${grownMb.toFixed(0)} MB`);
  const told = world.logged.join("\n");
  for (const secret of ["look-token", "work-token", "    at "]) {
    if (told.includes(secret)) broken.push(`${secret} in the log`);
  }
  const errors = world.logged.filter((line) => line.startsWith("error"));
  if (errors.length > 0) broken.push(`an error was logged: ${errors[0]}`);
  const response = await world.fetch("/v1/ips/8.8.8.8?offline=1", {
    headers: { authorization: "Bearer look-token" },
  });
  if (response.status !== 200) broken.push(`a fine request is answered ${response.status} afterwards`);
  await response.body?.cancel();
  return {
    conditions:
      `${requests} requests, seed ${seed}, ${SENDERS} at once, server in the same process, embedded database`,
    figures: {
      answers: [...statuses].sort().map(([status, count]) => `${status}: ${count}`).join(", "),
      seconds: seconds.toFixed(1),
      "grown memory": `${grownMb.toFixed(0)} MB`,
    },
    broken: broken.slice(0, 10),
  };
}

/** In bytes, without what nobody holds any more. */
function readRss(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return Deno.memoryUsage().rss;
}

function describe({ pieces }: HostileRequest): string {
  return JSON.stringify(pieces.map((piece) => piece.length > 300 ? `${piece.slice(0, 300)}…` : piece));
}
