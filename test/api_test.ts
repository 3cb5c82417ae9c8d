import { assertEquals } from "@std/assert";
import { openApiWorld } from "./api_world.ts";

Deno.test("the API tells who is behind an address", async () => {
  await using world = await openApiWorld();
  const response = await world.fetch("/v1/ips/8.8.8.8");
  assertEquals(response.status, 200);
  const record = await response.json();
  assertEquals(record.asn_number, 15169);
  assertEquals(record.enrichment.greynoise.riot, true);
});

Deno.test("the API quotes what is no address in a problem", async () => {
  await using world = await openApiWorld();
  const response = await world.fetch("/v1/ips/999.1.1.1");
  assertEquals(response.status, 400);
  assertEquals(response.headers.get("content-type"), "application/problem+json");
  const problem = await response.json();
  assertEquals(problem.code, "INVALID_ADDRESS");
  assertEquals(
    problem.detail,
    'Cannot read "999.1.1.1" as an IP address: allowed is one IPv4 or IPv6 address',
  );
});
