import type { z } from "@hono/zod-openapi";

/** A type without its names and with every list and property read-only, so that only its shape is left. */
export type Frozen<T> = T extends readonly (infer Item)[] ? readonly Frozen<Item>[]
  : T extends object ? { readonly [Key in keyof T]: Frozen<T[Key]> }
  : T;

/** `unknown` when two types have the same shape, optional properties included; else an object that nothing is. */
export type SameShape<A, B> = (<T>() => T extends Frozen<A> ? 1 : 2) extends
  (<T>() => T extends Frozen<B> ? 1 : 2) ? unknown
  : { readonly "The schema is not the report": never };

/**
 * Gives a schema back that describes a report and nothing else: a property that only one of both has, or that is
 * another type, fails the type check.
 *
 * ```ts
 * const LivenessSchema = describing<Liveness>()(z.object({ status: z.literal("alive") }));
 * ```
 */
export function describing<Report>(): <Schema extends z.ZodType>(
  schema: Schema & SameShape<z.output<Schema>, Report>,
) => Schema {
  return (schema) => schema;
}
