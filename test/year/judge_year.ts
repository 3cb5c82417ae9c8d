import { judgeBackups } from "./judge_backups.ts";
import { judgeLicence, judgeServing } from "./judge_editions.ts";
import { judgeInventory, judgeQuota } from "./judge_inventory.ts";
import { judgeDowntime, judgeRuns, readTickRuns } from "./judge_runs.ts";
import type { LivedPlan } from "./live.ts";
import { judgeMailbox } from "./mailbox.ts";

/** What came of a plan: what did not hold, and what people read. */
export interface Judgement {
  readonly broken: readonly string[];
  /** Subjects with their day, reports among them. */
  readonly mails: readonly string[];
  /** What was logged as a warning or an error. */
  readonly logged: readonly string[];
  readonly figures: Readonly<Record<string, number>>;
}

/** Looks at everything that was promised. */
export async function judgeYear(lived: LivedPlan): Promise<Judgement> {
  const { plan, world, honeypot } = lived;
  const runs = await readTickRuns(lived);
  const count = (outcome: string) => runs.filter((run) => run.outcome === outcome).length;
  return {
    broken: [
      ...judgeMailbox(world.smtp.mails, plan),
      ...judgeRuns(runs, lived),
      ...judgeServing(lived),
      ...lived.unlicensed,
      ...await judgeLicence(world),
      ...judgeDowntime(runs, lived),
      ...await judgeBackups(runs, lived),
      ...await judgeInventory(lived),
      ...judgeQuota(lived),
      ...runs.some(({ error }) => error?.code === "EDITION_REFUSED") ? [] : ["no edition was refused"],
      ...world.disk.failed > 0 ? [] : ["the disk was never full"],
    ],
    mails: world.smtp.mails.map(({ headers, subject }) => `${headers.get("date")} ${subject}`),
    logged: world.logged,
    figures: {
      days: lived.days.length,
      addresses: honeypot.addresses,
      runs: runs.length,
      failed: count("failed"),
      skipped: count("skipped"),
      mails: world.smtp.mails.length,
      greynoise_requests: world.lab.requests.greynoiseRequests,
      cymru_sessions: world.lab.requests.cymruSessions,
      downloads: world.lab.requests.maxmindDownloads,
    },
  };
}
