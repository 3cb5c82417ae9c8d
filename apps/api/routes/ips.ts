import { createRoute, z } from "@hono/zod-openapi";
import {
  explainInvalidAddress,
  type IpRecord,
  isFailedRecord,
  parseAddress,
  SOURCE_NAMES,
} from "@ipcascade/core";
import type { EnrichRun, InputItem } from "@ipcascade/operations";
import type { ApiDeps } from "../api_deps.ts";
import { answerProblem, describeProblems } from "../problem.ts";
import { createRouter } from "../router.ts";
import { RecordSchema } from "../schemas/record.ts";

/** A switch in the query: `1` or `true` is on, `0` or `false` is off. */
const switchIn = () =>
  z.enum(["0", "1", "true", "false"]).optional().transform((text) => text === "1" || text === "true");

const getIp = createRoute({
  method: "get",
  path: "/v1/ips/{ip}",
  operationId: "getIp",
  tags: ["Addresses"],
  summary: "Tells who is behind an address; asks the sources where nothing fresh is known",
  request: {
    params: z.object({
      ip: z.string().openapi({ param: { name: "ip", in: "path" }, example: "8.8.8.8" }),
    }),
    query: z.object({
      refresh: switchIn().openapi({ description: "Asks again although the answer is fresh" }),
      offline: switchIn().openapi({ description: "Asks the installed editions alone; nothing is stored" }),
      sources: z.string().optional().openapi({
        description: `Only these, a comma list of ${SOURCE_NAMES.join(", ")}`,
        example: "maxmind,cymru",
      }),
    }),
  },
  responses: {
    200: { description: "The record", content: { "application/json": { schema: RecordSchema } } },
    ...describeProblems(400, 503),
  },
});

/** Routes of addresses. */
export function createIpsRoutes({ operations }: ApiDeps) {
  return createRouter().openapi(getIp, async (c) => {
    const { ip } = c.req.valid("param");
    const { offline, refresh } = c.req.valid("query");
    if (parseAddress(ip) === null) {
      const { code, message } = explainInvalidAddress(ip);
      return answerProblem(c, { status: 400, code, detail: message }) as never;
    }
    const abort = c.get("signal");
    const inputs = only(ip);
    const run = offline
      ? operations.lookUp(inputs)
      : operations.enrich(inputs, { refresh, abort, stop: abort });
    const record = await firstRecord(run);
    if (record === null) throw abort.reason;
    return c.json(record as never, 200);
  });
}

async function* only(text: string): AsyncGenerator<readonly InputItem[]> {
  yield [{ text, origin: null }];
}

async function firstRecord({ records }: EnrichRun): Promise<IpRecord | null> {
  for await (const [record] of records) if (record !== undefined && !isFailedRecord(record)) return record;
  return null;
}
