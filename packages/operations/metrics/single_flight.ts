/** Work that is never done twice at once: who asks meanwhile gets what the one that goes on gives. */
export function singleFlight<T>(work: () => Promise<T>): () => Promise<T> {
  let going: Promise<T> | null = null;
  return () => going ??= work().finally(() => going = null);
}
