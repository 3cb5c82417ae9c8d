/** What was thrown while one edition was worked on. */
export class EditionStepError extends Error {
  readonly edition: string;

  constructor(edition: string, cause: unknown) {
    super(`Cannot update "${edition}"`, { cause });
    this.edition = edition;
  }
}

/** Runs the work on one edition; what it throws then names the edition. */
export async function inStep<T>(edition: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new EditionStepError(edition, error);
  }
}

/** What was thrown in the first place, and the edition that it concerns; null when it concerns no single one. */
export function unwrapStep(thrown: unknown): { readonly error: unknown; readonly edition: string | null } {
  if (thrown instanceof EditionStepError) return { error: thrown.cause, edition: thrown.edition };
  return { error: thrown, edition: null };
}
