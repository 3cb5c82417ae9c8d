import { assert, assertEquals } from "@std/assert";

/** One question to a door and what has to come back. */
export interface DoorCase {
  readonly name: string;
  readonly check: (address: string) => Promise<void>;
}

async function ask(url: string, init?: RequestInit): Promise<{ response: Response; text: string }> {
  const response = await fetch(url, init);
  return { response, text: await response.text() };
}

/** The short suite that every runtime has to pass. */
export const DOOR_CASES: readonly DoorCase[] = [
  {
    name: "it lives",
    check: async (address) => {
      const { response, text } = await ask(`${address}/livez`);
      assertEquals(response.status, 200);
      assertEquals(JSON.parse(text).status, "alive");
      assert(response.headers.get("x-request-id") !== null);
    },
  },
  {
    name: "it is ready",
    check: async (address) => {
      const { response, text } = await ask(`${address}/readyz`);
      assertEquals(response.status, 200, text);
      assertEquals(JSON.parse(text).is_ready, true);
    },
  },
  {
    name: "an address is enriched and known afterwards",
    check: async (address) => {
      const first = await ask(`${address}/v1/ips/8.8.8.8`);
      assertEquals(first.response.status, 200, first.text);
      assertEquals(JSON.parse(first.text).asn_number, 15169);
      const again = JSON.parse((await ask(`${address}/v1/ips/8.8.8.8`)).text);
      assertEquals(again.from_inventory, true);
    },
  },
  {
    name: "an address is looked up offline",
    check: async (address) => {
      const { response, text } = await ask(`${address}/v1/ips/8.8.8.8?offline=1`);
      assertEquals(response.status, 200, text);
      assertEquals(JSON.parse(text).enrichment.greynoise, undefined);
    },
  },
  {
    name: "HEAD tells as much as GET, the length included",
    check: async (address) => {
      for (const path of ["/livez", "/openapi.json", "/v1/ips/8.8.8.8?offline=1", "/v1/nothing"]) {
        const get = await ask(address + path);
        const { response, text } = await ask(address + path, { method: "HEAD" });
        const length = String(new TextEncoder().encode(get.text).byteLength);
        const { status, headers } = response;
        assertEquals([status, headers.get("content-length"), text], [get.response.status, length, ""], path);
      }
    },
  },
  {
    name: "what is no address is a problem",
    check: async (address) => {
      const { response, text } = await ask(`${address}/v1/ips/999.1.1.1`);
      assertEquals(response.status, 400);
      assertEquals(response.headers.get("content-type"), "application/problem+json");
      assertEquals(JSON.parse(text).code, "INVALID_ADDRESS");
    },
  },
  {
    name: "what is not there is a problem",
    check: async (address) => {
      const { response, text } = await ask(`${address}/v1/nothing`);
      assertEquals(response.status, 404);
      assertEquals(JSON.parse(text).code, "NOT_FOUND");
    },
  },
];
