import { availableParallelism, cpus } from "node:os";

/** One measured rate. */
export interface Rate {
  readonly name: string;
  readonly count: number;
  readonly seconds: number;
}

/** The machine and the runtime, in one line. */
export function describeMachine(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  return `Deno ${Deno.version.deno}, ${availableParallelism()} cores, ${model}`;
}

/** Runs work and measures its rate; `count` items are done in it. */
export async function measure(name: string, count: number, work: () => unknown): Promise<Rate> {
  const started = performance.now();
  await work();
  return { name, count, seconds: (performance.now() - started) / 1000 };
}

/** The one in the middle of several rates of the same work. */
export function medianOf(rates: readonly Rate[]): Rate {
  return [...rates].sort((a, b) => a.seconds / a.count - b.seconds / b.count)[Math.floor(rates.length / 2)]!;
}

/** Prints a rate, and its ratio to a reference with the bar that it has to reach. */
export function printRate(
  rate: Rate,
  options: { readonly reference?: Rate; readonly bar?: number } = {},
): void {
  const perSecond = rate.count / rate.seconds;
  const parts = [
    rate.name.padEnd(58),
    `${Math.round(perSecond).toLocaleString("en-US").padStart(12)}/s`,
    `${rate.seconds.toFixed(2).padStart(8)} s`,
  ];
  const { reference, bar } = options;
  if (reference !== undefined) {
    const ratio = perSecond / (reference.count / reference.seconds);
    const verdict = bar === undefined ? "" : ratio >= bar ? `  bar ${bar}: reached` : `  bar ${bar}: MISSED`;
    parts.push(`${ratio.toFixed(2).padStart(7)} × reference${verdict}`);
  }
  console.log(parts.join(" "));
}
