import type { Grade } from "@ipcascade/core";
import type { HealthWorld } from "../health_world.ts";

const EXITS: Readonly<Record<Grade, number>> = { ok: 0, info: 0, warning: 1, critical: 2, unknown: 3 };
/** Something that is broken for real, what health says of it, and what mends it. */
export interface Situation {
  readonly name: string;
  /** Breaks it; may give what undoes it. */
  readonly damage: (world: HealthWorld) => Promise<unknown>;
  /** The check that tells. */
  readonly check: string;
  readonly grade: Grade;
  readonly message: RegExp;
  /** Checked where it is given. */
  readonly observed?: string | number;
  readonly fix: string | null;
  /** Of the whole report, where other checks fail, too. */
  readonly exit?: number;
  /** The exit status is that of whichever check was first. */
  readonly isRace?: boolean;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** By default the fix is run as a command. */
  readonly mend?: (world: HealthWorld) => Promise<unknown>;
}

/** The exit status of a situation. */
export function exitOf({ grade, exit }: Situation): number {
  return exit ?? EXITS[grade];
}

/** Breaks or mends nothing: the surroundings that a situation is looked at in do. */
export const nothing = (): Promise<void> => Promise.resolve();

/** Runs a statement on the world's database. */
export const query = (text: string) => (world: HealthWorld): Promise<unknown> => world.sql.query(text);

/** The page for whatever is wrong with the database. */
export const DATABASE = "docs/health.md#the-database";

/** Nobody listens there. */
export const CLOSED_PORT = "127.0.0.1:1";
