import { hc } from "hono/client";
import type { Api } from "./app.ts";

/** A typed client of the API at an address such as `http://127.0.0.1:8080`. */
export function createClient(
  address: string,
  options?: Parameters<typeof hc<Api>>[1],
): ReturnType<typeof hc<Api>> {
  return hc<Api>(address, options);
}
