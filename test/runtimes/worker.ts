/** The app in workerd: a module worker whose editions are data of its bundle. */
import { createApp, DEFAULT_POLICY } from "@ipcascade/api";
import { VERSION } from "@ipcascade/core";
import asn from "./asn.mmdb";
import city from "./city.mmdb";
import { createMemoryOperations } from "./memory_operations.ts";

let app: ReturnType<typeof createApp> | null = null;

// eslint-disable-next-line no-restricted-syntax -- a module worker is its default export
export default {
  fetch(request: Request): Response | Promise<Response> {
    app ??= createApp({
      operations: createMemoryOperations({ city: new Uint8Array(city), asn: new Uint8Array(asn) }),
      policy: DEFAULT_POLICY,
      version: VERSION,
    });
    return app.fetch(request, { client: request.headers.get("cf-connecting-ip") ?? "127.0.0.1" });
  },
};
