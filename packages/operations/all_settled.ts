/** Waits for every piece of work, also where one fails, so that none goes on unseen; then throws the first error. */
export async function allSettled<T = void>(work: readonly Promise<T>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") throw result.reason;
  }
}
