import type { Context } from "hono";
import { createRoute, z } from "@hono/zod-openapi";
import { type Clock, explainInvalidAddress, parseAddress, parseTarget, quoteInput } from "@ipcascade/core";
import type { ApiEnv } from "../api_deps.ts";
import { answerProblem, describeProblems } from "../problem.ts";
import { RecordSchema } from "../schemas/record.ts";
import type { IpAnswers } from "./ip_answers.ts";
import { QuerySchema, readQuery } from "./query.ts";
import { MAX_AGE_S, sendAnswer } from "./send_answer.ts";

const CACHING = {
  ETag: { schema: { type: "string" as const }, description: "Changes with what is known" },
  "Cache-Control": {
    schema: { type: "string" as const },
    description: `private, with the seconds until an answer goes stale, at most ${MAX_AGE_S}`,
  },
};

/** The route of one address. */
export const getIp = createRoute({
  method: "get",
  path: "/v1/ips/{ip}",
  operationId: "getIp",
  tags: ["Addresses"],
  summary: "Tells who is behind an address; asks the sources where nothing fresh is known",
  request: {
    params: z.object({
      ip: z.string().openapi({ param: { name: "ip", in: "path" }, example: "8.8.8.8" }),
    }),
    query: QuerySchema,
  },
  responses: {
    200: {
      description: "The record",
      headers: CACHING,
      content: { "application/json": { schema: RecordSchema } },
    },
    304: { description: "Nothing else than If-None-Match names is known" },
    ...describeProblems(400, 503),
  },
});

/** What answering needs. */
export interface GetDeps {
  readonly answers: IpAnswers;
  readonly clock: Clock;
}

/** Answers `GET /v1/ips/{ip}`. */
export async function answerOne(c: Context<ApiEnv>, { answers, clock }: GetDeps): Promise<Response> {
  const text = c.req.param("ip") ?? "";
  const address = parseAddress(text);
  if (address === null) return refuse(c, text);
  const query = readQuery(c.req.query());
  const answer = await answers.answer({ text, ipAddress: address.text, query }, c.get("signal"));
  return sendAnswer(answer, c.req.raw.headers.get("if-none-match"), clock);
}

/** Says what is wrong with a text that is no address, or more than one. */
export function refuse(c: Context<ApiEnv>, text: string): Response {
  if (parseTarget(text)?.kind === "span") {
    const detail = `Cannot answer ${quoteInput(text)} here: it is a block or range, which POST /v1/ips takes`;
    return answerProblem(c, { status: 400, code: "NOT_ONE_ADDRESS", detail });
  }
  const { code, message } = explainInvalidAddress(text, { spans: false });
  return answerProblem(c, { status: 400, code, detail: message });
}
