import { assertEquals } from "@std/assert";
import { formatActor, hostOfActor } from "./job_actor.ts";

Deno.test("hostOfActor() gives the machine that formatActor() named, and null where none is named", () => {
  for (const user of ["alice", "alice@example.org", "uid 1000"]) {
    assertEquals(hostOfActor(formatActor({ user, host: "honeypot-1" })), "honeypot-1");
  }
  for (const actor of ["", "alice", "alice@"]) assertEquals(hostOfActor(actor), null);
});
