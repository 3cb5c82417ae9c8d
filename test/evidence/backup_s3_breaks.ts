import { pruneBackups } from "@ipcascade/operations";
import { endLeases } from "./end_leases.ts";
import type { Break } from "./cutting_proxy.ts";
import type { S3World } from "./backup_s3_world.ts";
import { finish } from "./figures.ts";

/** Keeps every backup: what is left is swept all the same. */
const KEEP = { keepDays: 36_500, isDryRun: false } as const;
/** Younger uploads may be somebody's at work. */
const LIMIT_HOURS = 24;

type Figures = Record<string, number | string>;

interface Planned extends Break {
  readonly name: string;
  readonly of: RegExp;
}

/** Each happens once, to the first request that fits. */
const ONCE: readonly Planned[] = [
  {
    name: "a part is damaged on its way",
    of: /^PUT .*partNumber=1&/,
    way: "to",
    afterBytes: 1e6,
    kind: "damage",
  },
  { name: "a part is cut off", of: /^PUT .*partNumber=2&/, way: "to", afterBytes: 2e6, kind: "cut" },
  {
    name: "the answer to a part is lost",
    of: /^PUT .*partNumber=2&/,
    way: "back",
    afterBytes: 0,
    kind: "cut",
  },
  { name: "the answer to joining is lost", of: /^POST .*uploadId=/, way: "back", afterBytes: 0, kind: "cut" },
  { name: "a small file is damaged", of: /^PUT .*sessions/, way: "to", afterBytes: 5e3, kind: "damage" },
  { name: "a download is cut off", of: /^GET .*ip_inventory/, way: "back", afterBytes: 3e6, kind: "cut" },
  { name: "its rest is cut off", of: /^GET .*ip_inventory/, way: "back", afterBytes: 6e6, kind: "cut" },
  {
    name: "the answer to the manifest is lost",
    of: /^PUT .*manifest/,
    way: "back",
    afterBytes: 0,
    kind: "cut",
  },
];

/** A backup with a breakage of each kind is made all the same, and is sound. */
export async function breakWays(world: S3World): Promise<Figures> {
  const { claims, proxy, run } = world;
  const left = [...ONCE];
  proxy.choose = (request) => {
    const at = left.findIndex(({ of }) => of.test(request));
    return at < 0 ? null : left.splice(at, 1)[0]!;
  };
  const before = proxy.breaks;
  const { stdout, seconds } = await run("create over broken connections", ["backup", "create"]);
  const met = proxy.breaks - before;
  const missed = left.map(({ name }) => name).join(", ");
  claims.check(met === ONCE.length, `${met} of ${ONCE.length} breakages were met; missed: ${missed}`);
  const id = String(JSON.parse(stdout || "{}").backup?.id);
  const rest = { way: "back", afterBytes: 5e6, kind: "cut" } as const;
  let cuts = 3;
  proxy.choose = (request) => /^GET .*ip_inventory/.test(request) && cuts-- > 0 ? rest : null;
  await run("verify over a broken connection", ["backup", "verify", id]);
  claims.check(cuts <= 0, "no download was cut off while verifying");
  proxy.choose = () => null;
  const { parts } = await world.look();
  const names = new Set(
    [...parts.keys()].filter((key) => key.startsWith(id)).map((key) => key.split("/")[2]),
  );
  claims.check(names.size === 1, `${names.size} uploads are left of one`);
  return { "breakages gone over": met, "create over them s": seconds.toFixed(1) };
}

/** One backup is killed in mid-part, one cut off for good: neither is listed, and the uploads stay for now. */
export async function breakUploads(world: S3World): Promise<Figures> {
  const { claims, proxy } = world;
  const before = await world.listIds();
  const stored = await world.look();
  await killInPart(world);
  await endLeases(world.urls[0]!);
  await cutForGood(world);
  const after = await world.listIds();
  claims.check(after.join() === before.join(), `listed are ${after.join(", ")} after ${before.join(", ")}`);
  const left = await world.look();
  const bytes = left.bytes - stored.bytes;
  claims.check(listBegun(left.parts).length === 2, `${listBegun(left.parts).length} uploads are left, not 2`);
  const { stdout } = await world.run("prune", ["backup", "prune"]);
  claims.check(JSON.parse(stdout || "{}").leftovers === 0, `prune takes away what is young: ${stdout}`);
  claims.check((await world.look()).bytes === left.bytes, "prune removes bytes of what is young");
  proxy.choose = () => null;
  return { "left of killed and cut uploads MB": (bytes / 1e6).toFixed(1) };
}

async function killInPart({ claims, proxy, spawnBackup }: S3World): Promise<void> {
  proxy.choose = (request) =>
    /partNumber=2&/.test(request) ? { way: "to", afterBytes: 3e6, kind: "hang" } : null;
  const met = proxy.nextBreak();
  const child = spawnBackup();
  const ended = finish(child);
  const winner = await Promise.race([met.then(() => "met"), ended.then(() => "ended")]);
  if (winner === "ended") return claims.check(false, `the backup ended unkilled: ${(await ended).stderr}`);
  child.kill("SIGKILL");
  await ended;
}

async function cutForGood({ claims, proxy, run }: S3World): Promise<void> {
  proxy.choose = (request) => {
    if (!/partNumber=2&/.test(request)) return null;
    return { way: "to", afterBytes: 3e6, kind: "cut" };
  };
  void proxy.nextBreak().then(() => proxy.setDown(true));
  const { stderr } = await run("create without a server", ["backup", "create"], { code: 1 });
  claims.check(/connection/.test(stderr), `a lost server is told as ${stderr}`);
  proxy.setDown(false);
}

/** The command's own sweep takes them away when they are older than a day, and not an hour before. */
export async function sweepUploads(world: S3World): Promise<Figures> {
  const { claims, swift } = world;
  const before = await world.listIds();
  const prune = async (hours: number) => {
    await using backups = await world.openAhead(hours, swift.timelessEndpoint);
    return await pruneBackups(backups.deps, KEEP);
  };
  const early = await prune(LIMIT_HOURS - 1);
  claims.check(early.leftovers === 0, `${early.leftovers} leftovers are swept within a day`);
  const { leftovers } = await prune(LIMIT_HOURS + 1);
  const { files, parts } = await world.look();
  claims.check(leftovers >= 2, `${leftovers} leftovers are swept after a day`);
  claims.check(listBegun(parts).length === 0, `${listBegun(parts).length} uploads are left`);
  const ids = new Set(before.map((line) => line.split(" ")[0]));
  const orphans = [...files.keys(), ...parts.keys()].filter((key) => !ids.has(key.split("/")[0]));
  claims.check(orphans.length === 0, `left is ${orphans.join(", ")}`);
  claims.check((await world.listIds()).join() === before.join(), "sweeping changes what is listed");
  return { "leftovers swept after a day": leftovers };
}

/** Uploads that are not completed: Swift marks each by an object beside its parts. */
function listBegun(parts: ReadonlyMap<string, number>): readonly string[] {
  return [...parts.keys()].filter((key) => key.split("/").length === 3);
}
