import { CLOSED_CIRCUIT } from "@ipcascade/core";
import { createSqlCircuitStore, migrate } from "@ipcascade/store";
import { openPostgresServer } from "@ipcascade/testkit";
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { connectServer } from "../packages/store/testing/databases.ts";
import { finish } from "./evidence/figures.ts";
import { openCliWorld, readRecords, spawnCli } from "./run_cli.ts";

const GREYNOISE = ["--sources", "greynoise", "--format", "ndjson"];

Deno.test("processes on one server share a circuit", async (t) => {
  await using server = await openPostgresServer();
  await using world = await openCliWorld({ editions: false });
  const url = await server.createDatabase();
  const sql = connectServer(url, 2);
  await migrate(sql);
  const circuits = createSqlCircuitStore(sql);
  const start = (...inputs: string[]) =>
    spawnCli(["enrich", ...inputs, ...GREYNOISE], { ...world.env, DATABASE_URL: url });

  await t.step(
    "one of 4 processes tries a source whose pause is over, the others leave it alone",
    async () => {
      world.lab.setFault("greynoise", { kind: "status", status: 500 });
      const openUntil = Date.now() - 1;
      await circuits.changeCircuit(
        "greynoise",
        () => ({ ...CLOSED_CIRCUIT, failures: 5, trips: 1, openUntil }),
      );
      const children = [1, 2, 3, 4].map((index) => start(`5.1.${index}.0/28`));
      const ends = await Promise.all(children.map(finish));
      assertEquals(ends.map(({ code }) => code), [3, 3, 3, 3]);
      assertEquals(world.lab.requests.greynoiseRequests, 1);
      const outcomes = ends.flatMap(readRecords).map((record) =>
        "error" in record ? undefined : record.enrichment._meta.sources.greynoise
      );
      const skipped = outcomes.filter((outcome) => outcome?.reason === "circuit_open");
      assertEquals([outcomes.length, skipped.length], [64, 63]);
      for (const outcome of skipped) assertMatch(outcome?.until ?? "", /^\d{4}-.*Z$/);
      const state = await circuits.readCircuit("greynoise");
      assertEquals([state.trips, state.trialUntil, state.reason], [
        2,
        null,
        "server_error: the server fails",
      ]);
    },
  );

  await t.step("a long run stops asking soon after another process opened the circuit", async () => {
    world.lab.clearFaults();
    world.lab.requests.reset();
    await circuits.changeCircuit("greynoise", () => CLOSED_CIRCUIT);
    const running = finish(start("5.2.0.0/20"));
    while (world.lab.requests.greynoiseRequests < 5) await new Promise((resolve) => setTimeout(resolve, 20));
    const openUntil = Date.now() + 600_000;
    await circuits.changeCircuit(
      "greynoise",
      () => ({ ...CLOSED_CIRCUIT, failures: 5, trips: 1, openUntil }),
    );
    const sent = world.lab.requests.greynoiseRequests;
    const { code } = await running;
    assertEquals(code, 3);
    // What is left of the ten in hand, and ten more that were let through at that moment.
    assertLess(world.lab.requests.greynoiseRequests - sent, 21);
  });
  await sql.close();
});
