import { assertEquals } from "@std/assert";
import { listLanes } from "./test_lanes.ts";

Deno.test("listLanes() leaves no test out and has none twice", async () => {
  const lanes = await listLanes();
  const files: string[] = [];
  for await (const { name } of Deno.readDir("test")) {
    if (name.endsWith("_test.ts")) files.push(`test/${name}`);
  }
  assertEquals(lanes.flat().sort(), ["apps", "packages", "scripts", ...files].sort());
});
