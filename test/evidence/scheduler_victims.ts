import type { JobName } from "@ipcascade/core";
import { readdir } from "node:fs/promises";
import { runCli } from "../run_cli.ts";
import { type SchedulerWorld, type SchedulerWorldOptions, until } from "./scheduler_world.ts";

/** Rows that a holder has at GreyNoise at once: two parts of ten. */
export const IN_HAND = 20;

/** A job that is disturbed in its middle. */
export interface Victim {
  readonly job: JobName;
  readonly options: Omit<SchedulerWorldOptions, "lines">;
  /** Milliseconds that a run takes at most, about. */
  readonly lengthMs: number;
  readonly prepare?: (world: SchedulerWorld) => void;
  readonly isMidJob: (world: SchedulerWorld) => Promise<boolean> | boolean;
  /**
   * What the effects are, seen right after the disturbance and at the end; gives what is broken. A holder that comes back
   * may still ask about the rows that it has in hand, `inHand` at most; default 0.
   */
  readonly settle: (world: SchedulerWorld) => Promise<(inHand?: number) => Promise<readonly string[]>>;
}

/** A refresh, an update of the editions and a backup. */
export function listVictims(rows: number): readonly Victim[] {
  return [refreshing(rows), UPDATING, backingUp(rows)];
}

/** A refresh of rows, ten a second. */
export function refreshing(rows: number): Victim {
  return {
    job: "refresh-stale",
    options: { rows },
    // The lab's GreyNoise is asked ten times a second.
    lengthMs: rows * 100,
    isMidJob: ({ lab }) => lab.requests.greynoiseRequests >= rows / 3,
    settle: async (world) => {
      await until("the killed one's sessions are gone", () => isAlone(world, 1));
      const stored = new Set((await fresh(world)).map(({ ip }) => ip));
      const before = world.lab.requests.of("greynoise").length;
      return async (inHand = 0) => {
        const again = world.lab.requests.of("greynoise").slice(before).flatMap(({ addresses }) =>
          addresses ?? []
        );
        const twice = again.filter((ip) => stored.has(ip));
        const done = (await fresh(world)).length;
        return [
          ...twice.length > 0 ? [`${twice.length} were asked about again after their answer was stored`] : [],
          ...done === rows ? [] : [`${done} of ${rows} rows are fresh`],
          ...again.length - new Set(again).size <= inHand ? [] : ["rows were asked about twice after it"],
        ];
      };
    },
  };
}

/** The addresses whose answers are stored. */
export async function fresh({ sql }: SchedulerWorld): Promise<readonly { readonly ip: string }[]> {
  return await sql<{ ip: string }[]>`
    select host(ip_address) as ip from ip_inventory where greynoise_due_at > now()`;
}

/**
 * Whether fewer clients than so many have a transaction under way. Whoever was killed may have sent a statement that is
 * still to be carried out.
 */
export async function isAlone({ sql }: SchedulerWorld, others: number): Promise<boolean> {
  const [row] = await sql<{ clients: number }[]>`
    select count(distinct client_port)::int as clients from pg_stat_activity
    where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()`;
  return row!.clients < others;
}

const UPDATING: Victim = {
  job: "update-editions",
  options: { env: { EDITION_STORE: "postgres", EDITION_CANARIES: "off" } },
  lengthMs: 6_000,
  prepare: ({ lab }) => {
    for (const edition of ["GeoLite2-City", "GeoLite2-ASN"]) {
      lab.publish(edition, { buildEpoch: new Date(Date.now() - 86_400_000) });
    }
    lab.setFault("objectStore", { kind: "delay", ms: 2_000 });
  },
  isMidJob: ({ lab }) => lab.requests.objectStoreDownloads > 0,
  settle: (world) => {
    world.lab.clearFaults();
    return Promise.resolve(async () => {
      const [row] = await world.sql<{ sets: number; complete: number; current: number }[]>`
        select count(*)::int as sets, count(*) filter (where complete)::int as complete,
          (select count(*)::int from edition_current) as current from edition_set`;
      const told = JSON.stringify(row);
      return told === '{"sets":1,"complete":1,"current":1}' ? [] : [`sets of editions: ${told}`];
    });
  },
};

function backingUp(rows: number): Victim {
  return {
    job: "back-up",
    options: { rows: rows * 100 },
    lengthMs: 3_000,
    isMidJob: async ({ dir }) => (await filesIn(dir.join("backups"))).length > 2,
    settle: (world) => {
      const dir = world.dir.join("backups");
      return Promise.resolve(async () => {
        const env = { DATABASE_URL: world.url, IPCASCADE_DATA_DIR: world.dir.join("data"), BACKUP_DIR: dir };
        const { stdout, stderr } = await runCli(["backup", "list", "--format", "json"], { env });
        if (stdout === "") return [`backups can't be listed: ${stderr}`];
        const list = JSON.parse(stdout) as { verified: number; backups: readonly unknown[] };
        const files = await filesIn(dir);
        const parts = files.filter((name) => /partial|staging|\.part/.test(name));
        return [
          ...list.backups.length === 1 && list.verified === 1 ? [] : [`backups: ${stdout}`],
          ...parts.length === 0 ? [] : [`left over: ${parts.join(", ")}`],
        ];
      });
    },
  };
}

async function filesIn(dir: string): Promise<readonly string[]> {
  return await readdir(dir, { recursive: true }).catch(() => []);
}
