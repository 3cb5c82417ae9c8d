/** One step of the schema. A step that landed is never edited: what was wrong is repaired by a later one. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  /** What it brings, for people. */
  readonly name: string;
  /** One statement each, run in this order in one transaction. */
  readonly statements: readonly string[];
}
