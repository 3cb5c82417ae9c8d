import { z } from "@hono/zod-openapi";
import { assertEquals } from "@std/assert";
import { describing } from "./agreement.ts";

interface Report {
  readonly names: readonly string[];
  readonly version?: string;
  readonly size: { readonly bytes: number | null };
}

const size = z.object({ bytes: z.number().nullable() });
const names = z.array(z.string());

Deno.test("describing() gives a schema of the same shape back", () => {
  const schema = z.object({ names, version: z.string().optional(), size });
  assertEquals(describing<Report>()(schema), schema);
});

Deno.test("describing() refuses another shape while types are checked", () => {
  // @ts-expect-error -- The optional property is missing.
  const missing = describing<Report>()(z.object({ names, size }));
  const surplus = describing<Report>()(
    // @ts-expect-error -- The report has no such property.
    z.object({ names, version: z.string().optional(), size, age: z.number().optional() }),
  );
  const other = describing<Report>()(
    // @ts-expect-error -- The size may be null.
    z.object({ names, version: z.string().optional(), size: z.object({ bytes: z.number() }) }),
  );
  assertEquals([missing, surplus, other].every((schema) => schema instanceof z.ZodType), true);
});
