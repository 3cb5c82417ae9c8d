import type { EditionState, EditionStore } from "@ipcascade/core";

/** The state of updating while somebody works on it: every change is written at once. */
export class StateBook {
  readonly #store: EditionStore;
  readonly #isDryRun: boolean;
  #state: EditionState;

  private constructor(store: EditionStore, state: EditionState, isDryRun: boolean) {
    this.#store = store;
    this.#state = state;
    this.#isDryRun = isDryRun;
  }

  /** Reads the state; a dry run never writes it. */
  static async open(store: EditionStore, { isDryRun = false } = {}): Promise<StateBook> {
    return new StateBook(store, await store.readState(), isDryRun);
  }

  get state(): EditionState {
    return this.#state;
  }

  /** Changes and writes the state. */
  async write(change: (state: EditionState) => EditionState): Promise<void> {
    this.#state = change(this.#state);
    if (!this.#isDryRun) await this.#store.writeState(this.#state);
  }
}
