import type { CliContext } from "../context.ts";

/** Inputs that are told one by one; the others are counted. */
const MAX_TOLD = 20;

/** Complains of inputs that could not be read, where no record tells of them. */
export class InputProblems {
  readonly #context: Pick<CliContext, "complain">;
  #count = 0;

  constructor(context: Pick<CliContext, "complain">) {
    this.#context = context;
  }

  tell(message: string): void {
    if (this.#count++ < MAX_TOLD) this.#context.complain(message);
  }

  /** Tells how many more there were. */
  end(): void {
    const more = this.#count - MAX_TOLD;
    if (more > 0) this.#context.complain(`${more} more inputs could not be read`);
  }
}
