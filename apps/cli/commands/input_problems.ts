import type { CliContext } from "../context.ts";

/** Problems that are told one by one; the others are counted. */
const MAX_TOLD = 20;

/**
 * Complains of inputs that could not be read, where no record tells of them: of files each, of what is in them the
 * first twenty. Where nobody can be told the work goes on, and `end` fails.
 */
export class InputProblems {
  readonly #context: Pick<CliContext, "complain">;
  readonly #noun: "input" | "line";
  #count = 0;
  #failure: { readonly error: unknown } | null = null;

  constructor(context: Pick<CliContext, "complain">, noun: "input" | "line") {
    this.#context = context;
    this.#noun = noun;
  }

  tell(message: string, { isFile = false }: { readonly isFile?: boolean } = {}): void {
    if (isFile || this.#count++ < MAX_TOLD) this.#complain(message);
  }

  /** Tells how many more there were. Throws what kept a problem from being told. */
  end(): void {
    const more = this.#count - MAX_TOLD;
    if (more > 0) this.#complain(`${more} more ${this.#noun}${more === 1 ? "" : "s"} could not be read`);
    if (this.#failure !== null) throw this.#failure.error;
  }

  #complain(message: string): void {
    if (this.#failure !== null) return;
    try {
      this.#context.complain(message);
    } catch (error) {
      this.#failure = { error };
    }
  }
}
