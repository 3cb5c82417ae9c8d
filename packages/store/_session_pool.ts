import type { PostgresSession } from "./postgres_session.ts";

/** Sessions that are used by one at a time. One whose connection was lost is never used again. */
export class SessionPool {
  readonly #open: () => PostgresSession;
  readonly #size: number;
  readonly #idle: PostgresSession[] = [];
  readonly #all = new Set<PostgresSession>();
  readonly #waiting: (() => void)[] = [];
  #isClosed = false;

  constructor(open: () => PostgresSession, size: number) {
    this.#open = open;
    this.#size = Math.max(1, size);
  }

  /** Gives work a session of its own; the session is given up when its connection is lost or the work says so. */
  async use<T>(work: (session: PostgresSession, giveUp: () => void) => Promise<T>): Promise<T> {
    const session = await this.#acquire();
    let isUsable = true;
    try {
      return await work(session, () => isUsable = false);
    } finally {
      this.#giveBack(session, isUsable && !session.isClosed && !this.#isClosed);
    }
  }

  /** Waits for those in use at most so long, then ends all. */
  async close(timeoutMs: number): Promise<void> {
    this.#isClosed = true;
    for (const goOn of this.#waiting.splice(0)) goOn();
    await Promise.all([...this.#all].map((session) => session.end({ timeout: timeoutMs / 1_000 })));
  }

  async #acquire(): Promise<PostgresSession> {
    while (!this.#isClosed) {
      const idle = this.#idle.pop();
      if (idle !== undefined && !idle.isClosed) return idle;
      if (idle !== undefined) this.#discard(idle);
      else if (this.#all.size < this.#size) return this.#add();
      else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    throw Object.assign(new Error("the connections are closed"), { code: "CONNECTION_ENDED" });
  }

  #add(): PostgresSession {
    const session = this.#open();
    this.#all.add(session);
    return session;
  }

  #giveBack(session: PostgresSession, isUsable: boolean): void {
    if (isUsable) this.#idle.push(session);
    else if (!this.#isClosed) this.#discard(session);
    this.#waiting.shift()?.();
  }

  #discard(session: PostgresSession): void {
    this.#all.delete(session);
    // Whatever it has still to send is dropped: on a new connection it would be another transaction's.
    void session.end({ timeout: 0 }).catch(() => {});
  }
}
