import { type Clock, MS_PER_HOUR } from "@ipcascade/core";
import { enrichSessions, importSessions, type LogBlock } from "@ipcascade/operations";
import type { Cascade } from "@ipcascade/platform";
import { FakeRandom, WORLD, writeCowrieLog } from "@ipcascade/testkit";
import type { Plan } from "./plan.ts";

/** Who attacks: addresses of the world's networks, most of which MaxMind knows, and some that Team Cymru alone knows. */
export class Honeypot {
  readonly #random = new FakeRandom(2027);
  readonly #networks = WORLD.filter(({ version, coverage }) => version === 4 && coverage !== "unknown")
    .map(({ network }) => network.replace(/\.0\/24$/, ""));
  readonly #plan: Plan;
  readonly #seen: string[] = [];
  readonly #taken = new Set<string>();
  #day = 0;

  /** Nobody has come yet. */
  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** How many came up to now. */
  get addresses(): number {
    return this.#seen.length;
  }

  /** Imports the log of a day and enriches its sessions, as `sessions import` and `sessions enrich --all` do. */
  async runDay(cascade: Cascade, clock: Clock): Promise<void> {
    const { known, newDaily, againDaily } = this.#plan;
    const isFirst = this.#day++ === 0;
    const again = isFirst ? [] : this.#random.shuffle(this.#seen).slice(0, againDaily);
    const fresh = Array.from({ length: isFirst ? known : newDaily }, () => this.#invent());
    const addresses = [...fresh, ...again];
    const text = [...writeCowrieLog({
      seed: this.#day,
      sessions: addresses.length,
      startAt: new Date(clock.now() - MS_PER_HOUR),
      addresses,
      // Ids of the old spelling are so short that one would come twice in a year.
      spelling: "new",
    })].join("");
    await importSessions(blockOf(text), { sessions: cascade.sessions, clock });
    await enrichSessions(cascade, { ids: null });
  }

  #invent(): string {
    for (;;) {
      const address = `${this.#random.pick(this.#networks)}.${1 + this.#random.below(254)}`;
      if (this.#taken.has(address)) continue;
      this.#taken.add(address);
      this.#seen.push(address);
      return address;
    }
  }
}

async function* blockOf(text: string): AsyncGenerator<LogBlock> {
  yield await Promise.resolve({ name: "cowrie.json", isFirst: true, bytes: new TextEncoder().encode(text) });
}
