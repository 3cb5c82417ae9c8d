import type { ApiDeps } from "../api_deps.ts";
import { answerOne, getIp, refuse } from "../addresses/get_ip.ts";
import { IpAnswers } from "../addresses/ip_answers.ts";
import { answerMany, postIps } from "../addresses/post_ips.ts";
import { STREAM_LIMITS, type StreamLimits } from "../addresses/stream_limits.ts";
import { createRouter } from "../router.ts";

/** Routes of addresses. */
export function createIpsRoutes(
  { operations }: ApiDeps,
  answers: IpAnswers = new IpAnswers(operations),
  limits: StreamLimits = STREAM_LIMITS,
) {
  const one = { answers, clock: operations.clock };
  const many = { operations, limits, forget: answers.forget };
  const router = createRouter();
  // A block's slash that nobody encoded.
  router.get("/v1/ips/:ip/:length", (c) => refuse(c, `${c.req.param("ip")}/${c.req.param("length")}`));
  return router
    .openapi(getIp, (c) => answerOne(c, one) as never)
    .openapi(postIps, (c) => answerMany(c, many) as never);
}
