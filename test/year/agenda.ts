/** Something that happens at an instant, in milliseconds since 1970 UTC. */
export interface Entry {
  readonly at: number;
  readonly run: () => Promise<void> | void;
}

/** What is going to happen, in the order of time; what is added later for the same instant comes later. */
export class Agenda {
  readonly #entries: Entry[] = [];

  /** Adds an entry. */
  add(at: number, run: Entry["run"]): void {
    let place = this.#entries.length;
    while (place > 0 && this.#entries[place - 1]!.at > at) place--;
    this.#entries.splice(place, 0, { at, run });
  }

  /** Takes the next entry; undefined when there is none. */
  take(): Entry | undefined {
    return this.#entries.shift();
  }
}
