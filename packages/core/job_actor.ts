/** Who runs a job and where. */
export interface JobActor {
  readonly user: string;
  /** Name of the machine. */
  readonly host: string;
}

/** An actor as records have it: `alice@honeypot-1`. */
export function formatActor({ user, host }: JobActor): string {
  return `${user}@${host}`;
}

/** The machine of an actor, which has no `@` in its name, unlike users of some directories; null where none is named. */
export function hostOfActor(actor: string): string | null {
  const at = actor.lastIndexOf("@");
  return at < 0 || at === actor.length - 1 ? null : actor.slice(at + 1);
}
