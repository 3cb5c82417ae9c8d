/** The reference of `deno task bench api`: bare Hono, one route that answers JSON. Prints its port. */
import { Hono } from "hono";

const record: unknown = JSON.parse(Deno.args[0] ?? "{}");
const app = new Hono();
app.get("/small/:ip", (c) => c.json({ ip: c.req.param("ip") }));
app.get("/record/:ip", (c) => c.json(record as object));
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  onListen: ({ port }) => console.log(port),
}, (request) => app.fetch(request));
