import type { AddCommand } from "./command.ts";

/** Where each command is, in the order of the help. */
const COMMANDS = {
  enrich: "./enrich.ts",
  lookup: "./lookup.ts",
  sessions: "./sessions.ts",
  refresh: "./refresh.ts",
  backfill: "./backfill.ts",
  reconcile: "./reconcile.ts",
  work: "./work.ts",
  jobs: "./jobs.ts",
  health: "./health.ts",
  editions: "./editions.ts",
  quota: "./quota.ts",
  alerts: "./alerts.ts",
  diagnose: "./diagnose.ts",
  profile: "./profile.ts",
  report: "./coverage.ts",
  backup: "./backup.ts",
  restore: "./restore.ts",
  config: "./config.ts",
  serve: "./serve.ts",
  schedule: "./schedule.ts",
  lab: "./lab.ts",
} as const;

type CommandName = keyof typeof COMMANDS;

/**
 * Loads what adds the commands that a command line may mean: the one that its first word names, else all, for the help
 * and where options come first. What the others need would take most of the time of a start:
 * docs/adr/0053-commands-load-what-they-use.md.
 */
export async function loadCommands(args: readonly string[]): Promise<readonly AddCommand[]> {
  const commands: AddCommand[] = [];
  // One after the other: Deno takes twice the time for modules that it is asked for at once and that share others.
  for (const name of listNames(args)) commands.push(await loadCommand(name));
  return commands;
}

function listNames([first = "", ...others]: readonly string[]): readonly CommandName[] {
  if (isCommandName(first)) return [first];
  if (first === "--version" && others.length === 0) return [];
  return Object.keys(COMMANDS).filter(isCommandName);
}

function isCommandName(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text);
}

async function loadCommand(name: CommandName): Promise<AddCommand> {
  const { addCommand } = await import(COMMANDS[name]) as { readonly addCommand: AddCommand };
  return addCommand;
}
