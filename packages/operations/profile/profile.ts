import {
  classifyScope,
  emptyRow,
  explainInvalidAddress,
  formatInstant,
  type IpAddress,
  parseAddress,
  recordFromRow,
  type Scope,
  SOURCE_NAMES,
  UsageError,
} from "@ipcascade/core";
import { CascadeRun } from "../cascade_run.ts";
import type { EnrichDeps } from "../deps.ts";
import { RunTally } from "../tally.ts";
import type { Work } from "../work.ts";
import { describeStages, describeWhat, isAsked } from "./describe_stages.ts";
import type { ProfileReport } from "./profile_report.ts";
import { roundMs, StageTimer } from "./stage_timer.ts";
import { timeDeps } from "./timed_deps.ts";

/** What a profile may do. */
export interface ProfileOptions {
  /** Asks again where the answer is fresh or backing off. Default false. */
  readonly cold?: boolean;
  readonly stop?: AbortSignal;
  readonly abort?: AbortSignal;
}

/** An address to profile. */
export interface ProfileTarget {
  readonly input: string;
  readonly address: IpAddress;
  readonly scope: Scope;
}

/** Reads what to profile: one address. Throws `UsageError` that quotes anything else. */
export function readProfileTarget(input: string): ProfileTarget {
  const address = parseAddress(input.trim());
  if (address !== null) return { input, address, scope: classifyScope(address) };
  const { message } = explainInvalidAddress(input);
  throw new UsageError(`${message}; a profile is of one address`);
}

/**
 * Takes one address through the cascade and measures each stage (runbook: Slow Enrichment). Quota, circuits, rates
 * and claims hold as ever, and the row is stored. Throws `UsageError` for what is no address, `StoreError` when the
 * database fails.
 */
export async function profile(
  input: string,
  deps: EnrichDeps,
  options: ProfileOptions = {},
): Promise<ProfileReport> {
  const { clock } = deps;
  const { cold = false } = options;
  const timer = new StageTimer(clock);
  const target = timer.run("parse", () => readProfileTarget(input));
  const timed = timeDeps(deps, timer);
  const tally = new RunTally(clock.elapsed());
  const work = target.scope === "global" ? await runCascade(target, timed, { timer, tally, options }) : null;
  const totalMs = timer.elapsedMs;
  const { sources } = tally.summarise(clock.elapsed());
  const asked = SOURCE_NAMES.filter((source) => isAsked(sources[source]));
  const row = work?.row ?? emptyRow(target.address.text, target.scope);
  const fromInventory = asked.length === 0;
  return {
    operation: "profile",
    input,
    ip_address: target.address.text,
    scope: target.scope,
    cold,
    from_inventory: fromInventory,
    asked,
    summary: describeWhat({ scope: target.scope, asked, sources, cold }),
    stages: describeStages(timer, { sources, scope: target.scope, cold }),
    total_ms: roundMs(totalMs),
    quota_spent: timed.spent(),
    record: recordFromRow(row, { input, fromInventory }),
    checked_at: formatInstant(clock.now()),
  };
}

interface CascadeTools {
  readonly timer: StageTimer;
  readonly tally: RunTally;
  readonly options: ProfileOptions;
}

async function runCascade(
  { address, scope }: ProfileTarget,
  deps: EnrichDeps,
  { timer, tally, options }: CascadeTools,
): Promise<Work> {
  const { cold = false, stop, abort } = options;
  await using cascade = new CascadeRun(
    deps,
    { selected: new Set(SOURCE_NAMES), refresh: cold, activity: null, stop, abort },
    tally,
  );
  const addresses = new Map([[address.text, { address, scope }]]);
  const works = await cascade.ask(addresses, await cascade.read(addresses));
  // What is done until the row is written is merging.
  timer.begin("merge");
  await cascade.save(works);
  return works[0]!;
}
