/**
 * Shows the whole product in one go on embedded parts: stand-ins of the providers on loopback, an embedded database
 * in a temporary directory, synthetic editions and a synthetic honeypot log. Leaves nothing behind.
 */
import { COWRIE_LOG_URL, listWorld } from "@ipcascade/testkit";
import { type CliWorld, openCliWorld, spawnCli } from "../test/run_cli.ts";

const LOG = decodeURIComponent(COWRIE_LOG_URL.pathname);

await using world = await openCliWorld();
const startedAt = performance.now();
say("ipcascade, on embedded parts. The providers are stand-ins on loopback, all data is synthetic.");

say("1. A honeypot log comes in: who connected, when, how often.");
await run("sessions", "import", LOG);

say(
  "2. Who is behind these addresses? MaxMind is read, Team Cymru fills its gaps in one session, GreyNoise is\n" +
    "   asked ten times a second. Each session keeps what was true when it happened.",
);
await run("sessions", "enrich", "--all");

say(
  "3. Single addresses, as an operator asks: known services, a gap of MaxMind's, two origins, one private, a typo.",
);
const [gap, multiOrigin] = [firstOf("cymru_only"), firstOf("multi_origin")];
await run("enrich", "8.8.8.8", "2001:4860:4860::8888", gap, multiOrigin, "10.0.0.1", "not-an-ip");

world.lab.requests.reset();
say("4. The log once more: everything is fresh, so nobody is asked.");
await run("sessions", "import", LOG);
await run("enrich", "--from", "cowrie", LOG, "--format", "csv");
const { cymruConnections, dnsQueries, greynoiseRequests } = world.lab.requests;
const asked = cymruConnections + dnsQueries + greynoiseRequests;
say(
  `Requests to the providers in step 4: ${asked}. ` +
    `The whole took ${((performance.now() - startedAt) / 1000).toFixed(1)} s.`,
);
Deno.exitCode = asked === 0 ? 0 : 1;

function firstOf(coverage: Parameters<typeof listWorld>[0]): string {
  return listWorld(coverage).find(({ version }) => version === 4)!.address;
}

function say(text: string): void {
  console.log(`\n${text}`);
}

/** Runs one command as a user would; its output is shown, long data shortened. */
async function run(...args: string[]): Promise<void> {
  const shown = args.map((arg) => arg === LOG ? "cowrie.json" : arg).join(" ");
  console.log(`\n$ ipcascade ${shown}`);
  const child = spawnCli(args, world.env);
  const { code, stdout, stderr } = await child.output();
  const lines = new TextDecoder().decode(stdout).trimEnd().split("\n").filter((line) => line !== "");
  for (const line of lines.slice(0, 8)) console.log(line.length > 200 ? `${line.slice(0, 200)}…` : line);
  if (lines.length > 8) console.log(`… ${lines.length - 8} more lines`);
  console.log(new TextDecoder().decode(stderr).trimEnd());
  const expected = args.includes("not-an-ip") ? 3 : 0;
  if (code === expected) return;
  console.log(`The command ended with ${code}, expected was ${expected}.`);
  await stop(world);
  Deno.exit(1);
}

async function stop(open: CliWorld): Promise<void> {
  await open[Symbol.asyncDispose]();
}
