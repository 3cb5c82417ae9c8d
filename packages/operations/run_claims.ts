import type { RemoteSource, WorkClaims, WorkHolder } from "@ipcascade/core";
import type { Work } from "./work.ts";

/** What one run has at hand at the sources, so that no other process asks about the same addresses meanwhile. */
export class RunClaims implements AsyncDisposable {
  readonly #deps: { readonly claims: WorkClaims; readonly owner: string };
  readonly #held: Readonly<Record<RemoteSource, Set<string>>> = { cymru: new Set(), greynoise: new Set() };
  #holder: Promise<WorkHolder> | null = null;

  constructor(deps: { readonly claims: WorkClaims; readonly owner: string }) {
    this.#deps = deps;
  }

  /** Takes what nobody else has; `others` is what somebody else has. */
  async take(source: RemoteSource, works: readonly Work[]): Promise<{ mine: Work[]; others: Work[] }> {
    const { claims, owner } = this.#deps;
    this.#holder ??= claims.openHolder(owner);
    const taken = await claims.take(await this.#holder, source, works.map((work) => work.row.ipAddress));
    for (const address of taken) this.#held[source].add(address);
    const isMine = (work: Work) => taken.has(work.row.ipAddress);
    return { mine: works.filter(isMine), others: works.filter((work) => !isMine(work)) };
  }

  /** Gives back what is held of these. */
  async release(works: readonly Work[]): Promise<void> {
    for (const source of ["cymru", "greynoise"] as const) {
      const held = this.#held[source];
      if (held.size === 0) continue;
      const done = works.map((work) => work.row.ipAddress).filter((address) => held.delete(address));
      if (done.length > 0) await this.#deps.claims.release(await this.#holder!, source, done);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const holder = await this.#holder?.catch(() => null);
    await holder?.[Symbol.asyncDispose]();
  }
}
