import { z } from "@hono/zod-openapi";

/** A switch in the query: `1` or `true` is on, `0` or `false` is off. */
export function querySwitch(description: string) {
  return z.enum(["0", "1", "true", "false"]).optional()
    .transform((text) => text === "1" || text === "true")
    .openapi({ description, type: "string", enum: ["0", "1", "true", "false"] });
}
