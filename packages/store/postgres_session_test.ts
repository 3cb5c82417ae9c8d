import { assertEquals, assertRejects } from "@std/assert";
import { openPostgresSession, type PostgresDriver } from "./postgres_session.ts";

/** A driver whose statements end when they are told to. */
function openFake() {
  let lose = () => {};
  const answers: ((rows: unknown[]) => void)[] = [];
  const driver: PostgresDriver = {
    unsafe: () => new Promise((resolve) => answers.push(resolve)),
    end: () => Promise.resolve(),
  };
  const session = openPostgresSession(({ onclose }) => {
    lose = onclose;
    return driver;
  });
  return { session, answers, lose: () => lose() };
}

Deno.test("a session fails what is under way when its connection is lost, though the driver never answers", async () => {
  const { session, answers, lose } = openFake();
  const first = session.unsafe("select 1");
  answers[0]!([{ one: 1 }]);
  assertEquals(await first, [{ one: 1 }]);
  const statements = [session.unsafe("select 2"), session.unsafe("select 3")];
  assertEquals(session.isClosed, false);
  lose();
  for (const statement of statements) {
    await assertRejects(async () => await statement, Error, "the connection was lost");
  }
  assertEquals(session.isClosed, true);
  await assertRejects(async () => await session.unsafe("select 4"), Error, "the connection was lost");
  assertEquals(answers.length, 3, "nothing more is sent: the driver would connect anew");
});
