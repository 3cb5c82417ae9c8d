import { assert, assertEquals } from "@std/assert";
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { openApiWorld } from "./api_world.ts";

Deno.test("the API describes itself in OpenAPI 3.1 without a fault that a linter finds", async (t) => {
  await using world = await openApiWorld({ editions: false });
  const source = await (await world.fetch("/openapi.json")).text();
  const document = JSON.parse(source);
  await t.step("the recommended rules find nothing", async () => {
    const config = await createConfig({ extends: ["recommended"] });
    const problems = await lintFromString({ source, absoluteRef: "openapi.json", config });
    assertEquals(
      problems.map(({ ruleId, message, location }) => `${ruleId} ${message} ${location[0]?.pointer}`),
      [],
    );
  });
  await t.step("every operation has a tag that is described, a summary, a scope and its problems", () => {
    const tags = document.tags.map(({ name }: { name: string }) => name);
    for (const [path, item] of Object.entries<Record<string, Operation>>(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        const place = `${method} ${path}`;
        assert(operation.tags.every((tag) => tags.includes(tag)), place);
        assert(operation.summary.length > 10, place);
        if (path.startsWith("/v1/")) {
          assert(["read", "operate"].includes(operation["x-required-scope"]), place);
        }
        for (const status of [401, 429, 503]) assert(status in operation.responses, `${place} ${status}`);
      }
    }
    assertEquals(document.paths["/v1/quota"].put["x-required-scope"], "operate");
    assertEquals(document.paths["/v1/quota"].get["x-required-scope"], "read");
  });
});

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly responses: object;
  readonly "x-required-scope": string;
}
