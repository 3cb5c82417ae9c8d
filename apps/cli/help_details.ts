/** A part of a help text. */
export interface HelpSection {
  readonly title?: string;
  readonly body: string;
}

const JOBS: HelpSection = {
  title: "Actions",
  body: [
    "  list                       every job: schedule, next tick, last run, how it stands (default)",
    "  next [--job] [--limit]     the next tick of each job; with --limit the next ticks in order",
    "  history [--job] [--limit]  the newest runs",
    "  run NAME [--wait]          runs one job, here and now",
    "  status                     the queue and its dead letters",
    "  retry                      puts dead letters into the queue again",
    "  drop --yes                 discards dead letters",
  ].join("\n"),
};

const SCHEDULE: HelpSection = {
  title: "Timetable",
  body: [
    "  SCHEDULE_<JOB>, as in SCHEDULE_BACK_UP, is a cron line of five fields in UTC, or off;",
    "  ipcascade jobs next shows when each job is due. Ticks that were missed are made up for",
    "  at the start, each within a window of its job. Needs Deno (Deno.cron, --unstable-cron);",
    "  on Node and Bun let cron or systemd call ipcascade jobs run NAME.",
  ].join("\n"),
};

const DETAILS: ReadonlyMap<string, HelpSection> = new Map([["jobs", JOBS], ["schedule", SCHEDULE]]);

/** The help of a command with what its options do not tell, behind the usage. */
export function addHelpDetails<Section extends HelpSection>(
  command: string | undefined,
  sections: readonly Section[],
): (Section | HelpSection)[] {
  const details = DETAILS.get(command ?? "");
  return details === undefined ? [...sections] : [...sections.slice(0, 2), details, ...sections.slice(2)];
}
