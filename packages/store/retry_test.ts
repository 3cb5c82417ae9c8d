import { assertEquals, assertRejects } from "@std/assert";
import { createPatience } from "./_retry.ts";
import { SqlError } from "./sql_error.ts";

const GONE = new SqlError("Cannot use the database: it is shutting down", "57P03");

/** Fails so often, then gives how often it was tried. */
function failing(times: number, error: Error): () => Promise<number> {
  let tries = 0;
  return () => ++tries <= times ? Promise.reject(error) : Promise.resolve(tries);
}

Deno.test("createPatience() waits for a server that worked before", async () => {
  const patiently = createPatience({ pauses: [1, 1, 1] });
  await patiently(failing(0, GONE));
  assertEquals(await patiently(failing(3, GONE)), 4);
});

Deno.test("createPatience() gives up in the end", async () => {
  const patiently = createPatience({ pauses: [1, 1, 1] });
  await patiently(failing(0, GONE));
  await assertRejects(() => patiently(failing(4, GONE)), SqlError, "shutting down");
});

Deno.test("createPatience() tells at once of a server that never worked, and of other failures", async () => {
  const patiently = createPatience({ pauses: [1, 1, 1] });
  await assertRejects(() => patiently(failing(1, GONE)), SqlError);
  await patiently(failing(0, GONE));
  await assertRejects(
    () => patiently(failing(1, new SqlError("Cannot use the database", "42P01"))),
    SqlError,
  );
});

Deno.test("createPatience() waits once for a server that stays away, and tells once of it", async () => {
  let told = 0;
  const patiently = createPatience({ pauses: [1, 1, 1], onAway: () => told++ });
  await patiently(failing(0, GONE));
  await assertRejects(() => patiently(failing(9, GONE)), SqlError);
  await assertRejects(() => patiently(failing(1, GONE)), SqlError, "shutting down");
  assertEquals(told, 1);
  await patiently(failing(0, GONE));
  assertEquals(await patiently(failing(2, GONE)), 3, "it is back, and waited for again");
  assertEquals(told, 2);
});
