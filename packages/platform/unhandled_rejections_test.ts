import { assertEquals } from "@std/assert";
import { logUnhandledRejections } from "./unhandled_rejections.ts";

Deno.test("logUnhandledRejections() logs what nobody waits for and lets the process live", async () => {
  const logged: string[] = [];
  const write = (message: string, fields: object = {}) =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  {
    using _log = logUnhandledRejections({ debug: write, info: write, warn: write, error: write });
    void Promise.reject("nobody cares");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assertEquals(logged, ['Work failed that nobody waits for {"reason":"nobody cares"}']);
});
