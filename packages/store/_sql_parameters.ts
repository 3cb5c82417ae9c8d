import type { SqlParam } from "./sql_client.ts";

/** Collects the parameters of a statement whose parts are put together. */
export class SqlParameters {
  readonly #values: SqlParam[] = [];

  /** Binds one more value and gives its placeholder, to be cast. */
  bind(value: SqlParam): string {
    return `$${this.#values.push(value)}`;
  }

  get values(): readonly SqlParam[] {
    return this.#values;
  }
}
