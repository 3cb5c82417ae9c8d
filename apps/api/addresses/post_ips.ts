import type { Context } from "hono";
import { createRoute } from "@hono/zod-openapi";
import { isFailedRecord, type OutputRecord } from "@ipcascade/core";
import type { EnrichRun, InputItem, Operations } from "@ipcascade/operations";
import type { ApiEnv } from "../api_deps.ts";
import { readProblem } from "../failure.ts";
import { answerProblem, describeProblems } from "../problem.ts";
import { LineSchema } from "../schemas/record.ts";
import { BodyCutError } from "./body_bytes.ts";
import { findBodyItems, readBodyItems } from "./body_items.ts";
import { type AddressQuery, QuerySchema, readQuery } from "./query.ts";
import { RecordStream, type StreamFailure } from "./record_stream.ts";
import type { StreamLimits } from "./stream_limits.ts";

/** Addresses of the first batch: small, so that its answers leave before the client has sent much. */
const FIRST_BATCH_SIZE = 20;
/** How long a part of a batch waits for more input. */
const MAX_WAIT_MS = 100;
/**
 * How long the head of the answer waits for the first records: what fails by then is a problem. No longer, for only
 * once an answer has begun does a server see that its client is gone.
 */
const BEGIN_WAIT_MS = 250;

const NDJSON = "application/x-ndjson";

// No schemas of zod: those would be read as a whole before the handler runs.
const ELEMENT = {
  oneOf: [{ type: "string" }, { type: "object", required: ["ip"], properties: { ip: { type: "string" } } }],
} as const;
const BODY_SCHEMAS = {
  "application/x-ndjson": { schema: { type: "string" }, example: '"8.8.8.8"\n{"ip": "1.1.1.1"}\n' },
  "text/plain": { schema: { type: "string" }, example: "8.8.8.8\n192.0.2.0/28\n" },
  "application/json": { schema: { type: "array", items: ELEMENT }, example: ["8.8.8.8", { ip: "1.1.1.1" }] },
} as const;

/** The route of many addresses. */
export const postIps = createRoute({
  method: "post",
  path: "/v1/ips",
  operationId: "enrichIps",
  tags: ["Addresses"],
  summary: "Tells who is behind many addresses, as they come",
  description:
    "Takes a JSON string or an object with `ip` a line, an address, block or range a line, or a JSON " +
    "array. Answers a record a line, in the order of the input, while the body is still being sent. What can't be " +
    "read is an error record in its place. A last line with `error` and without `input` says that the answer " +
    "is not complete.",
  request: { query: QuerySchema, body: { required: true, content: BODY_SCHEMAS as never } },
  responses: {
    200: {
      description: "Records, each a line of JSON",
      content: { [NDJSON]: { schema: LineSchema } },
    },
    ...describeProblems(400, 408, 415, 503),
  },
});

/** What answering needs. */
export interface PostDeps {
  readonly operations: Operations;
  readonly limits: StreamLimits;
  /** Told of each address that was asked about again. */
  readonly forget: (ipAddress: string) => void;
}

/** Answers `POST /v1/ips`. */
export async function answerMany(c: Context<ApiEnv>, deps: PostDeps): Promise<Response> {
  const { operations, limits } = deps;
  const query = readQuery(c.req.query());
  const how = findBodyItems(c.req.header("content-type"), c.req.header("content-encoding"));
  if (typeof how === "string") {
    return answerProblem(c, { status: 415, code: "UNSUPPORTED_BODY", detail: how });
  }
  // An answer that has begun can't become a problem any more.
  if (!query.isOffline) await operations.checkInventory();
  const { clock } = operations;
  const leaving = new AbortController();
  const over = new AbortController();
  const given = c.get("signal");
  given.addEventListener("abort", () => leaving.abort(given.reason), { once: true, signal: over.signal });
  const { idleMs } = limits;
  const items = withFailure(readBodyItems(c.req.raw.body, how, { clock, idleMs }), leaving);
  const run = startRun(items, query, { ...deps, leaving });
  const stream = new RecordStream(run, {
    clock,
    idleMs,
    leaving,
    checkInput: () => items.check(),
    describe: (error) => describeFailure(error, operations),
    onEnd: () => over.abort(),
  });
  await stream.begin(BEGIN_WAIT_MS);
  return c.body(stream.open(), 200, { "content-type": NDJSON, "cache-control": "no-store" });
}

function startRun(
  input: AsyncIterable<readonly InputItem[]>,
  { isOffline, isRefresh, sources }: AddressQuery,
  { operations, limits, leaving, forget }: PostDeps & { readonly leaving: AbortController },
): Pick<EnrichRun, "records"> {
  const { signal } = leaving;
  const gathering = { firstBatchSize: FIRST_BATCH_SIZE, maxWaitMs: MAX_WAIT_MS, maxSpan: limits.maxSpan };
  if (isOffline) return operations.lookUp(input, { ...gathering, stop: signal });
  const run = operations.enrich(input, {
    ...gathering,
    refresh: isRefresh,
    sources,
    stop: signal,
    abort: signal,
  });
  return isRefresh ? { records: forgetting(run.records, forget) } : run;
}

/** What is remembered of an address is older than what was just asked. */
async function* forgetting(
  records: AsyncIterable<readonly OutputRecord[]>,
  forget: PostDeps["forget"],
): AsyncGenerator<readonly OutputRecord[]> {
  for await (const batch of records) {
    for (const record of batch) if (!isFailedRecord(record)) forget(record.ip_address);
    yield batch;
  }
}

/** Items of a body; what ends them before their end is told after the records of those that came before. */
interface WholeItems extends AsyncIterable<readonly InputItem[]> {
  /** Throws what ended the body too soon. */
  check(): void;
}

/** A client whose body breaks off is gone: nobody is asked for it any more. */
function withFailure(items: AsyncIterable<readonly InputItem[]>, leaving: AbortController): WholeItems {
  let failure: unknown = null;
  return {
    check: () => {
      if (failure !== null) throw failure;
    },
    [Symbol.asyncIterator]: async function* () {
      try {
        yield* items;
      } catch (error) {
        failure = error;
        if (error instanceof BodyCutError) leaving.abort(error);
      }
    },
  };
}

function describeFailure(error: unknown, { log }: Pick<Operations, "log">): StreamFailure {
  const problem = readProblem(error);
  if (problem !== null) return { code: problem.code, message: problem.detail };
  log.error("A stream of records failed", { reason: error instanceof Error ? error.stack : String(error) });
  return { code: "INTERNAL", message: "The stream failed for a reason that is in the server's log" };
}
